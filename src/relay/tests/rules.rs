//! 401, 410, 404, fencing, token rotation.

use super::fake_gateway::{FakeGateway, Fault, job};
use super::test_node::TestNode;
use super::wait_until;
use crate::base::Secret;
use crate::relay::RelayError;
use crate::state::Credentials;
use serde_json::json;

fn status(status: u16) -> Option<Fault> {
    Some(Fault::Status(status, json!({"message": "as told"})))
}

#[tokio::test]
async fn unauthorized_stops_the_loops_says_so_and_a_new_setup_mends_it() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    gateway.always("heartbeat", status(401));
    gateway.always("poll", status(401));
    wait_until("unauthorized", || running.board.snapshot().state == "unauthorized").await;
    let condition = running.board.snapshot().condition("link").unwrap().clone();
    assert!(condition.message.contains("waypost node setup"), "{}", condition.message);
    let polls = gateway.count("poll");
    let beats = gateway.count("heartbeat");
    wait_until("heartbeats go on", || gateway.count("heartbeat") > beats + 2).await;
    assert!(gateway.count("poll") <= polls + 1);

    Credentials::of(&node.home).store(&Secret::new("msn_2")).unwrap();
    wait_until("the new token is tried", || {
        gateway.calls("heartbeat").last().is_some_and(|beat| beat.token == "Bearer msn_2")
    })
    .await;
    gateway.always("heartbeat", None);
    gateway.always("poll", None);
    wait_until("online again", || running.board.snapshot().state == "online").await;
    assert_eq!(gateway.calls("poll").last().unwrap().token, "Bearer msn_2");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_removed_node_stops_polling_and_comes_back() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    gateway.always("heartbeat", status(410));
    gateway.always("poll", status(410));
    wait_until("removed", || running.reason("claims") == "removed").await;
    gateway.always("heartbeat", None);
    gateway.always("poll", None);
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("it works again", || gateway.count("result") == 1).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_token_that_stays_refused_ends_the_node_with_its_reason() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.intervals.refused = std::time::Duration::from_millis(50);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("it runs", || node.ran() == 1).await;
    let beats = gateway.count("heartbeat");
    gateway.always("heartbeat", status(401));
    let board = running.board.clone();
    assert!(matches!(running.end().await, Err(RelayError::Unauthorized(url)) if url == gateway.url));
    assert!(gateway.count("heartbeat") >= beats + 3);
    let status = board.snapshot();
    assert_eq!(
        (status.state.as_str(), status.condition("link").unwrap().reason.as_str()),
        ("unauthorized", "unauthorized")
    );
    // What ran was told why it had to end, and its end is kept.
    assert_eq!(status.last_job.unwrap().reason, "node_unauthorized");
    assert_eq!(node.journal().await, [("job_1".to_owned(), 1, "finished".to_owned())]);
}

#[tokio::test]
async fn refusals_that_are_not_the_gateways_end_nothing() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.intervals.refused = std::time::Duration::ZERO;
    gateway.always("heartbeat", Some(Fault::Status(401, json!("log in first"))));
    let running = node.start();
    wait_until("heartbeats go on", || gateway.count("heartbeat") > 10).await;
    gateway.always("heartbeat", None);
    wait_until("online", || running.board.snapshot().state == "online").await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_node_that_its_gateway_says_it_removed_ends_at_once() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    gateway.always("poll", Some(Fault::Status(410, json!({"detail": "removed", "code": "node_removed"}))));
    let board = running.board.clone();
    assert!(matches!(running.end().await, Err(RelayError::Removed(_))));
    assert_eq!(board.snapshot().state, "removed");
}

#[tokio::test]
async fn an_owner_drains_a_running_node_and_what_a_held_poll_brings_goes_back() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let (relay, board) = node.relay();
    let (drain, shutdown) = (relay.drain(), crate::base::Shutdown::new());
    let task = tokio::spawn(relay.run(shutdown.clone()));
    wait_until("it polls", || gateway.count("poll") > 0 && board.snapshot().state == "online").await;
    drain.set(true);
    wait_until("the gateway knows", || {
        gateway.calls("heartbeat").last().is_some_and(|beat| beat.body["runtime"]["drain_mode"] == true)
    })
    .await;
    let status = board.snapshot();
    assert_eq!((status.state.as_str(), status.drained), ("draining", true));
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("it goes back", || gateway.count("release") == 1).await;
    assert_eq!(gateway.calls("release")[0].body["leases"], json!([{"job_id": "job_1", "epoch": 1}]));
    wait_until("it asks for nothing", || {
        gateway.calls("poll").last().is_some_and(|poll| poll.body["capacity"]["free_slots"] == 0)
    })
    .await;
    assert_eq!(node.ran(), 0);

    drain.set(false);
    gateway.push(&job("job_2", 1, "sessions.list"));
    wait_until("it works again", || gateway.count("result") == 1).await;
    assert_eq!(board.snapshot().last_job.unwrap().id, "job_2");
    shutdown.advance();
    task.await.unwrap().unwrap();
}

#[tokio::test]
async fn not_found_degrades_and_never_disables() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.always("poll", status(404));
    let running = node.start();
    wait_until("a heartbeat says so", || {
        gateway.calls("heartbeat").last().is_some_and(|beat| {
            beat.body["runtime"]["lifecycle"]["reason"] == "self_hosted_protocol_mismatch"
                && beat.body["status"] == "degraded"
                && beat.body["health"]["lifecycle_status"] == "degraded"
        })
    })
    .await;
    gateway.always("poll", None);
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("it works again", || gateway.count("result") == 1).await;
    wait_until("online", || running.board.snapshot().state == "online").await;
    wait_until("a heartbeat says so", || {
        gateway.calls("heartbeat").last().is_some_and(|beat| beat.body["status"] == "online")
    })
    .await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_superseded_instance_ends_for_good() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    gateway.always("poll", Some(Fault::Status(409, json!({"detail": "another", "code": "instance_superseded"}))));
    assert!(matches!(running.end().await, Err(RelayError::InstanceSuperseded)));
}

#[tokio::test]
async fn a_rotated_token_is_stored_then_used() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let reply = json!({"accepted": true, "runtime_protocol_version": 2, "runtime_token": "msn_new"});
    gateway.fail("heartbeat", [Fault::Answer(reply)]);
    let running = node.start();
    wait_until("a second heartbeat", || gateway.count("heartbeat") >= 2).await;
    let beats = gateway.calls("heartbeat");
    assert_eq!((beats[0].token.as_str(), beats[1].token.as_str()), ("Bearer msn_1", "Bearer msn_new"));
    assert_eq!(Credentials::of(&node.home).token().unwrap().unwrap().expose(), "msn_new");
    assert_eq!((&beats[0].body["starting"], beats[1].body.get("starting")), (&json!(true), None));
    running.stop().await.unwrap();
}
