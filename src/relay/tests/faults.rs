//! A gateway that fails, in every way.

use super::fake_gateway::{FakeGateway, Fault, job};
use super::test_node::TestNode;
use super::wait_until;
use serde_json::json;
use std::time::Duration;

fn error(status: u16) -> Fault {
    Fault::Status(status, json!({"detail": "as told", "code": "internal"}))
}

#[tokio::test]
async fn a_result_survives_a_gateway_that_is_down() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    gateway.down(true);
    node.executor.go.notify_one();
    wait_until("the link is known to be bad", || running.reason("link") == "backing_off").await;
    wait_until("the outbox says so", || running.reason("outbox") == "backing_off").await;
    assert_eq!(running.board.snapshot().outbox.pending, 1);
    assert_eq!(node.journal().await, [("job_1".to_owned(), 1, "finished".to_owned())]);
    gateway.down(false);
    wait_until("the result is delivered", || running.board.snapshot().outbox.pending == 0).await;
    let results = gateway.results("job_1");
    assert!(results.iter().all(|result| *result == results[0]), "the same bytes every time");
    wait_until("the node is online", || running.board.snapshot().state == "online").await;
    running.stop().await.unwrap();
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn results_are_sent_again_after_errors_garbage_empty_answers_and_cuts() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.fail("result", [error(500), Fault::Garbage, Fault::Empty, Fault::Cut, error(429)]);
    // JSON, but nothing that says that the gateway has it
    gateway.fail("result", [Fault::Answer(json!({"accepted": true}))]);
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("the seventh is taken", || gateway.count("result") == 7).await;
    wait_until("nothing is left", || running.board.snapshot().outbox.pending == 0).await;
    running.stop().await.unwrap();
    assert_eq!(gateway.count("result"), 7);
    assert_eq!(node.ran(), 1);
}

#[tokio::test]
async fn a_result_that_is_refused_for_good_is_kept_and_said_and_not_sent_in_a_loop() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.fail("result", [error(413)]);
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("the condition says so", || running.reason("outbox") == "undeliverable").await;
    gateway.push(&job("job_2", 1, "sessions.list"));
    wait_until("another goes through", || gateway.results("job_2").len() == 1).await;
    // once, and once in its place why it does not come
    let reasons: Vec<_> = gateway.results("job_1").iter().map(|result| result["reason"].clone()).collect();
    assert_eq!((reasons.len(), &reasons[1]), (2, &json!("result_not_taken")));
    running.stop().await.unwrap();
    assert_eq!(node.journal().await, [("job_1".to_owned(), 1, "undeliverable".to_owned())]);
}

#[tokio::test]
async fn one_failed_start_does_not_fail_a_job() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.fail("start", [error(500), Fault::Cut, Fault::Garbage]);
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.results("job_1")[0]["state"], "succeeded");
    assert_eq!(gateway.count("start"), 4);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_that_conflicts_is_dropped_and_never_run() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.fail("start", [Fault::Status(409, json!({"detail": "stale", "code": "lease_stale"}))]);
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("start was asked", || gateway.count("start") == 1).await;
    gateway.push(&job("job_2", 1, "sessions.list"));
    wait_until("the other job's result arrives", || gateway.count("result") == 1).await;
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
    assert_eq!(gateway.results("job_1").len(), 0);
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn events_are_sent_again_and_never_hold_the_job_up() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.fail("events", [error(500), Fault::Cut]);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("all output arrives", || gateway.events("job_1").len() == 2).await;
    assert_eq!(gateway.count("events"), 3);

    // with events failing for good, the result still comes
    gateway.always("events", Some(error(500)));
    gateway.push(&job("job_2", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 2).await;
    node.executor.go.notify_one();
    node.executor.go.notify_one();
    wait_until("both results arrive", || gateway.count("result") == 2).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn polls_that_are_answered_empty_at_once_are_spaced() {
    let gateway = FakeGateway::start().await;
    gateway.do_not_hold();
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("polling began", || gateway.count("poll") >= 1).await;
    let began = std::time::Instant::now();
    wait_until("the spacing has grown", || running.reason("claims") == "spaced").await;
    let most = 2 + began.elapsed().as_millis() as usize / 250;
    assert!(gateway.count("poll") <= most, "{} polls in {:?}", gateway.count("poll"), began.elapsed());
    running.stop().await.unwrap();
}

#[tokio::test]
async fn polls_that_are_cut_on_their_way_are_held_shorter() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.intervals.hold = Duration::from_secs(5);
    node.intervals.shortest_hold = Duration::from_millis(50);
    gateway.fail("poll", [Fault::CutAfter(Duration::from_millis(500))]);
    let running = node.start();
    wait_until("it was learned", || running.reason("claims") == "hold_learned").await;
    wait_until("the next poll", || gateway.count("poll") == 2).await;
    let wait = gateway.calls("poll")[1].body["wait_ms"].as_u64().unwrap();
    assert!((300..=1000).contains(&wait), "{wait}");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn failing_polls_back_off_and_a_heartbeat_that_is_answered_ends_it() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.intervals.backoff = Duration::from_secs(30);
    node.intervals.cap = Duration::from_secs(30);
    gateway.fail("poll", [error(500)]);
    let running = node.start();
    wait_until("a second poll, long before 30 s", || gateway.count("poll") >= 2).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_journal_that_takes_no_writes_stops_claims_and_says_so() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'disk is full'); END";
    node.journal_execute(full).await;
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("the condition says so", || running.reason("journal") == "not_writable").await;
    assert_eq!((node.ran(), gateway.count("start")), (0, 0));

    node.journal_execute("DROP TRIGGER full").await;
    gateway.push(&job("job_1", 2, "sessions.list"));
    wait_until("it is run when it is handed out again", || gateway.count("result") == 1).await;
    wait_until("the journal is well", || running.reason("journal") == "writable").await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_result_that_the_gateway_cannot_take_ends_its_job_with_that_reason() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("result-body", Some(Fault::Status(413, json!({"detail": "limited to 1 GiB"}))));
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.snapshot"));
    wait_until("the caller is told", || gateway.count("result") == 1).await;
    let result = gateway.results("job_1").remove(0);
    assert_eq!((&result["state"], &result["reason"]), (&json!("failed"), &json!("result_not_taken")));
    assert_eq!((&result["failure"]["code"], &result["lease"]["epoch"]), (&json!("payload_too_large"), &json!(1)));
    assert!(result["failure"]["message"].as_str().unwrap().contains("limited to 1 GiB"), "{result}");
    running.stop().await.unwrap();
    assert_eq!(node.journal().await, [("job_1".to_owned(), 1, "undeliverable".to_owned())]);
}
