//! Every awkward behaviour: the node does the right thing, asks no more than it should, and loses no result.

use super::script::{Answer, Script};
use super::{joined, run, status, until};
use crate::support::TestEnv;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn polls_that_are_not_held_are_spaced() {
    let (env, script) = (TestEnv::new(), Script::start(30).await);
    script.do_not_hold();
    joined(&env, &script);
    let _node = run(&env);
    // The first few come sooner, so that a gateway that answers at once by chance is no slower.
    until("it has settled", || script.count("poll") >= 4).await;
    let (begin, before) = (Instant::now(), script.count("poll"));
    until("a window of five polls", || script.count("poll") >= before + 5).await;
    let rate = script.rate_since(begin);
    assert!(rate < 2.0, "{rate} requests a second");
    status(&env, "it says so", |status| {
        status["state"] == "online" && status["conditions"].to_string().contains("spaced")
    })
    .await;
    script.job("job-1");
    until("it still takes jobs", || script.results("job-1").len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_answers_are_failures_that_pass() {
    let (env, script) = (TestEnv::new(), Script::start(1).await);
    script.next("heartbeat", [Answer::NoContent, Answer::EmptyBody]);
    script.next("poll", [Answer::NoContent, Answer::EmptyBody]);
    script.next("start", [Answer::NoContent]);
    script.next("result", [Answer::NoContent, Answer::EmptyBody]);
    joined(&env, &script);
    let _node = run(&env);
    script.job("job-1");
    until("its result", || script.results("job-1").len() == 1).await;
    assert_eq!((script.count("start"), script.count("result")), (2, 3));
    assert_eq!(script.results("job-1")[0]["status"], "success");
    let paths: Vec<_> = ["poll", "start", "result"].map(|name| script.calls(name)[0].path.clone()).into();
    assert_eq!(paths, ["/moved/poll", "/moved/job-1/start", "/moved/job-1/result"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_degrades_and_is_over_when_it_is_over() {
    let (env, script) = (TestEnv::new(), Script::start(1).await);
    joined(&env, &script);
    let _node = run(&env);
    status(&env, "online", |status| status["state"] == "online").await;
    script.always("poll", Some(Answer::Status(404)));
    status(&env, "degraded, and why", |status| {
        status["state"] == "degraded" && status["conditions"].to_string().contains("self_hosted_protocol_mismatch")
    })
    .await;
    let (_, shown, _) = env.run("box", &["node", "status"]);
    assert!(shown.contains("does not know the call"), "{shown}");
    until("a heartbeat says so", || {
        let beats = script.calls("heartbeat");
        beats.last().is_some_and(|beat| beat.body["runtime"]["lifecycle"]["reason"] == "self_hosted_protocol_mismatch")
    })
    .await;
    script.always("poll", None);
    script.job("job-1");
    until("it works again", || script.results("job-1").len() == 1).await;
    status(&env, "online again", |status| status["state"] == "online").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_and_a_refused_node_come_back_by_themselves() {
    for code in [410, 401] {
        let (env, script) = (TestEnv::new(), Script::start(1).await);
        joined(&env, &script);
        let _node = run(&env);
        status(&env, "online", |status| status["state"] == "online").await;
        let begin = Instant::now();
        script.always("poll", Some(Answer::Status(code)));
        let since = |name: &str| script.calls(name).iter().filter(|call| call.at > begin).count();
        until("it was told so three times, and heartbeats go on", || since("poll") >= 3 && since("heartbeat") >= 3)
            .await;
        // Polls come ever later; heartbeats every second, as told, and after a refusal at once. Nothing spins.
        let (polls, beats, seconds) = (since("poll"), since("heartbeat"), begin.elapsed().as_secs_f64());
        assert!((polls as f64) < 1.0 + seconds, "{code}: {polls} polls in {seconds} s");
        assert!(beats as f64 <= 2.0 + polls as f64 + seconds / 0.8, "{code}: {beats} heartbeats in {seconds} s");
        script.always("poll", None);
        script.job("job-1");
        until("it works again", || script.results("job-1").len() == 1).await;
        status(&env, "online again", |status| status["state"] == "online").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_is_asked_again_and_the_job_runs_once() {
    let (env, script) = (TestEnv::new(), Script::start(1).await);
    joined(&env, &script);
    let _node = run(&env);
    script.next("start", [Answer::Status(500), Answer::Cut, Answer::Status(500)]);
    script.job("job-1");
    until("its result", || script.results("job-1").len() == 1).await;
    assert_eq!((script.count("start"), script.count("result")), (4, 1));
    assert_eq!(script.results("job-1")[0]["status"], "success");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_poll_was_lost_runs_when_it_is_handed_out_again() {
    let (env, script) = (TestEnv::new(), Script::start(1).await);
    joined(&env, &script);
    let _node = run(&env);
    script.lose_a_poll();
    script.job("job-1");
    until("its result", || script.results("job-1").len() == 1).await;
    assert_eq!((script.count("start"), script.count("result")), (1, 1));

    // Handed out twice while the first result is not taken: one run, one result.
    script.always("result", Some(Answer::Status(503)));
    script.job("job-2");
    until("it has ended", || script.count("result") >= 2).await;
    script.job("job-2");
    let polls = script.count("poll");
    until("the second was handed out", || script.count("poll") > polls).await;
    script.always("result", None);
    until("its result", || script.results("job-2").len() == 1).await;
    script.job("job-3");
    until("another", || script.results("job-3").len() == 1).await;
    let starts = script.calls("start").iter().filter(|start| start.path.contains("job-2")).count();
    assert_eq!((starts, script.results("job-2").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_are_refused_for_a_while_arrive_also_after_a_restart() {
    let (env, script) = (TestEnv::new(), Script::start(1).await);
    joined(&env, &script);
    let mut node = run(&env);
    script.always("result", Some(Answer::Status(500)));
    for id in ["job-1", "job-2", "job-3"] {
        script.job(id);
    }
    // More often than existing nodes try before they throw a result away.
    until("each was refused", || {
        let tried = script.calls("result");
        ["job-1", "job-2", "job-3"].iter().all(|id| tried.iter().filter(|call| call.path.contains(id)).count() >= 2)
    })
    .await;
    node.kill();
    let tried = script.count("result");
    let _node = run(&env);
    until("they are tried again", || script.count("result") > tried).await;
    script.always("result", None);
    until("all are there", || ["job-1", "job-2", "job-3"].iter().all(|id| script.results(id).len() == 1)).await;
    let texts: Vec<_> = script.calls("result").into_iter().filter(|call| call.path.contains("job-1")).collect();
    assert!(texts.iter().all(|call| call.text == texts[0].text), "the same bytes every time");
    assert_eq!(script.count("start"), 3);
    status(&env, "nothing is left", |status| status["outbox"]["pending"] == 0).await;
}
