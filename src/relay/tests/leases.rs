//! Who may run a job, and who no longer.

use super::fake_gateway::{FakeGateway, job};
use super::test_node::TestNode;
use super::wait_until;
use serde_json::json;

#[tokio::test]
async fn a_cancel_in_a_poll_reply_ends_the_job_and_frees_its_slot() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.slots = 1;
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    gateway.cancel("job_1", 1);
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    let result = gateway.results("job_1").remove(0);
    assert_eq!((&result["state"], &result["reason"]), (&json!("cancelled"), &json!("cancel_requested")));
    assert_eq!(result["answer"]["stdout"], "hello");
    wait_until("the slot is free", || running.board.snapshot().active_jobs == 0).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_job_is_renewed_and_stops_when_its_lease_is_stale() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    let mut short = job("job_1", 1, "workspaces.execute");
    short.lease.as_mut().unwrap().ttl_ms = 300;
    gateway.fail("start", [super::fake_gateway::Fault::Answer(json!({"accepted": true, "ttl_ms": 300}))]);
    gateway.push(&short);
    wait_until("it is renewed", || gateway.count("renew") == 1).await;
    assert_eq!(gateway.calls("renew")[0].body["leases"], json!([{"job_id": "job_1", "epoch": 1}]));

    gateway.lease("job_2", "stale");
    short.job_id = "job_2".to_owned();
    gateway.fail("start", [super::fake_gateway::Fault::Answer(json!({"accepted": true, "ttl_ms": 300}))]);
    gateway.push(&short);
    wait_until("its result arrives", || gateway.results("job_2").len() == 1).await;
    let result = gateway.results("job_2").remove(0);
    assert_eq!((&result["state"], &result["reason"]), (&json!("cancelled"), &json!("lease_stale")));
    node.executor.go.notify_one();
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_start_that_may_have_arrived_is_asked_again_even_when_the_grace_is_over() {
    use super::fake_gateway::Fault;
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.always("start", Some(Fault::Cut));
    gateway.always("renew", Some(Fault::Cut));
    let mut short = job("job_1", 1, "sessions.list");
    short.lease.as_mut().unwrap().ttl_ms = 100;
    let begun = std::time::Instant::now();
    gateway.push(&short);
    wait_until("its lease ended long ago", || {
        gateway.count("start") >= 2 && begun.elapsed() > 3 * std::time::Duration::from_millis(100)
    })
    .await;
    gateway.always("start", None);
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.results("job_1")[0]["state"], "succeeded");
    assert_eq!(node.ran(), 1);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_job_that_was_put_back_while_its_start_was_in_doubt_gets_no_result() {
    use super::fake_gateway::Fault;
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.always("start", Some(Fault::Cut));
    gateway.lease("job_1", "stale");
    let mut short = job("job_1", 1, "sessions.list");
    short.lease.as_mut().unwrap().ttl_ms = 100;
    gateway.push(&short);
    wait_until("it hears that the lease is over", || gateway.count("renew") >= 1).await;
    gateway.always("start", None);
    gateway.push(&job("job_2", 1, "sessions.list"));
    wait_until("the other job's result arrives", || gateway.results("job_2").len() == 1).await;
    running.stop().await.unwrap();
    assert_eq!((node.ran(), gateway.results("job_1").len()), (1, 0));
}

#[tokio::test]
async fn a_job_that_is_handed_out_again_is_not_run_twice() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    gateway.push(&job("job_1", 2, "workspaces.execute"));
    wait_until("the newer attempt is started", || gateway.calls("start").iter().any(|start| start.body["epoch"] == 2))
        .await;
    node.executor.go.notify_one();
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
    assert_eq!(gateway.results("job_1")[0]["lease"]["epoch"], 2);
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn an_undelivered_result_goes_out_under_the_newer_attempt() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("result", Some(super::fake_gateway::Fault::Status(503, json!({}))));
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("a first try", || gateway.count("result") >= 1).await;
    gateway.push(&job("job_1", 2, "sessions.list"));
    wait_until("a try as the newer attempt", || {
        gateway.results("job_1").iter().any(|result| result["lease"]["epoch"] == 2)
    })
    .await;
    gateway.always("result", None);
    wait_until("nothing is left", || running.board.snapshot().outbox.pending == 0).await;
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 1);
    assert_eq!(node.journal().await, []);
}

#[tokio::test]
async fn an_abort_cancels_what_runs_and_still_delivers_it() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    running.shutdown.advance();
    wait_until("it drains", || running.board.snapshot().state == "draining").await;
    assert_eq!(gateway.count("result"), 0);
    running.shutdown.advance();
    running.end().await.unwrap();
    let result = gateway.results("job_1").remove(0);
    assert_eq!((&result["state"], &result["reason"]), (&json!("cancelled"), &json!("node_stopped")));
}

#[tokio::test]
async fn a_cancel_that_comes_with_its_job_ends_it() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.cancel("job_1", 1);
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    let running = node.start();
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.results("job_1")[0]["state"], "cancelled");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn the_lease_is_kept_until_the_result_has_arrived() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("result", Some(super::fake_gateway::Fault::Status(507, json!({}))));
    let running = node.start();
    let mut short = job("job_1", 1, "sessions.list");
    short.lease.as_mut().unwrap().ttl_ms = 300;
    gateway.push(&short);
    wait_until("it ended", || gateway.count("result") >= 1).await;
    let renewed = gateway.count("renew");
    wait_until("it is renewed", || gateway.count("renew") > renewed).await;
    assert_eq!(gateway.calls("renew").last().unwrap().body["leases"], json!([{"job_id": "job_1", "epoch": 1}]));
    gateway.always("result", None);
    wait_until("nothing is left", || running.board.snapshot().outbox.pending == 0).await;
    running.stop().await.unwrap();
    assert_eq!(node.journal().await, []);
}
