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
