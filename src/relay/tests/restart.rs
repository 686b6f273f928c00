//! What a killed node finds in its journal.

use super::fake_gateway::{FakeGateway, Fault, job};
use super::test_node::TestNode;
use super::wait_until;
use serde_json::json;

fn unavailable() -> Option<Fault> {
    Some(Fault::Status(503, json!({})))
}

#[tokio::test]
async fn a_result_that_was_not_sent_is_sent() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("result-body", unavailable());
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.snapshot"));
    wait_until("it ended", || gateway.count("result-body") > 0).await;
    running.kill().await;
    assert_eq!(node.bodies(), 1);
    gateway.always("result-body", None);
    let running = node.start();
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.uploaded("job_1").unwrap(), "tarball");
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn a_job_that_ran_is_lost_and_not_run_again() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    running.kill().await;
    let running = node.start();
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    let result = gateway.results("job_1").remove(0);
    assert_eq!((&result["state"], &result["reason"]), (&json!("lost"), &json!("node_restarted")));
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
}

#[tokio::test]
async fn a_claim_that_had_not_begun_runs_if_its_lease_stands_and_is_forgotten_if_not() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("start", unavailable());
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.create"));
    gateway.push(&job("job_2", 1, "sessions.create"));
    let asked = |id: &str| gateway.calls("start").iter().any(|call| call.path.contains(id));
    wait_until("both are claimed", || asked("job_1") && asked("job_2")).await;
    running.kill().await;
    gateway.always("start", None);
    gateway.lease("job_2", "stale");
    let running = node.start();
    wait_until("the held one's result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.results("job_1")[0]["state"], "succeeded");
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn a_job_that_was_handed_over_in_the_last_moment_is_given_back() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("a poll waits", || gateway.count("poll") == 1).await;
    running.shutdown.advance();
    gateway.push(&job("job_1", 1, "sessions.list"));
    running.end().await.unwrap();
    assert_eq!((node.ran(), gateway.count("start")), (0, 0));
    assert_eq!(given_back(&gateway) + gateway.waiting(), 1);
}

#[tokio::test]
async fn what_has_not_begun_is_given_back_at_the_end_and_what_has_is_finished() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    gateway.always("start", unavailable());
    gateway.push(&job("job_2", 1, "sessions.list"));
    let asked = |id: &str| gateway.calls("start").iter().any(|call| call.path.contains(id));
    wait_until("the second is claimed", || asked("job_2")).await;
    running.shutdown.advance();
    wait_until("it is given back", || given_back(&gateway) == 1).await;
    let release = gateway.calls("release").remove(0).body;
    assert_eq!((&release["leases"][0]["job_id"], &release["leaving"]), (&json!("job_2"), &json!(true)));
    node.executor.go.notify_one();
    running.end().await.unwrap();
    assert_eq!(gateway.results("job_1")[0]["state"], "succeeded");
    assert_eq!((node.ran(), gateway.results("job_2").len()), (1, 0));
    assert_eq!(node.journal().await, []);
}

fn given_back(gateway: &FakeGateway) -> usize {
    gateway.calls("release").iter().map(|call| call.body["leases"].as_array().unwrap().len()).sum()
}

#[tokio::test]
async fn a_result_whose_body_nobody_wants_any_more_is_still_reported() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("result-body", Some(Fault::Status(409, json!({"detail": "stale", "code": "lease_stale"}))));
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.snapshot"));
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    running.stop().await.unwrap();
    assert_eq!((node.bodies(), node.journal().await.len()), (0, 0));
}
