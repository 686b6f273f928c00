//! Nodes as callers see them, and their tokens.

use super::*;
use crate::wire::gateway::{NodeList, NodeState, NodeView};

#[tokio::test]
async fn a_node_is_online_only_when_every_condition_holds() {
    let gateway = TestGateway::start().await;
    let node = FakeNode::join(&gateway, "box", Some(2)).await;
    let view = || async { parse::<NodeView>(gateway.get("/v1/nodes/box").await.1) };
    assert_eq!(view().await.state, NodeState::Unreachable);
    node.beat(&gateway, true).await;
    let heard = view().await;
    assert_eq!(heard.state, NodeState::Degraded);
    assert_eq!(heard.conditions.iter().map(|c| c.reason.as_str()).collect::<Vec<_>>(), ["fresh", "never"]);
    node.poll(&gateway, 0, 1).await;
    let list: NodeList = parse(gateway.get("/v1/nodes").await.1);
    assert_eq!(list.items[0].state, NodeState::Online);
    assert_eq!((list.items[0].slots, list.items[0].protocol), (4, 2));

    let conditions = json!([{"type": "outbox", "ok": false, "reason": "full", "message": "m", "for_ms": 3}]);
    node.call(&gateway, "/heartbeat", json!({"status": "online", "conditions": conditions})).await;
    let ill = view().await;
    assert_eq!(ill.state, NodeState::Degraded);
    assert_eq!(ill.conditions[2].kind, "outbox");
    assert_eq!(gateway.get("/v1/nodes/nobody").await.1["code"], "node_not_found");
    gateway.end().await;
}

#[tokio::test]
async fn joining_again_is_the_same_node_with_a_new_token() {
    let gateway = TestGateway::start().await;
    let first = gateway.node("box").await;
    let again = FakeNode::join(&gateway, "box", Some(2)).await;
    assert_eq!(first.id, again.id);
    assert_eq!(first.try_poll(&gateway, 0, 1).await.0, 401);
    assert_eq!(again.try_poll(&gateway, 0, 1).await.0, 200);
    gateway.end().await;
}

#[tokio::test]
async fn a_rotated_token_is_told_until_it_is_used_and_then_ends_the_old_one() {
    let gateway = TestGateway::start().await;
    let old = gateway.node("box").await;
    let (status, view) = gateway.ask(Method::POST, "/v1/nodes/box/rotate", &gateway.admin, None).await;
    assert_eq!(status, 200);
    let told = old.beat(&gateway, false).await["runtime_token"].as_str().unwrap().to_owned();
    assert!(!view.to_string().contains(&told));
    // Told again: the first answer may have been lost.
    assert_eq!(old.beat(&gateway, false).await["runtime_token"], told);
    let new = FakeNode { token: told, ..old.clone() };
    assert!(new.beat(&gateway, false).await.get("runtime_token").is_none());
    assert_eq!(old.try_poll(&gateway, 0, 1).await.0, 401);
    gateway.end().await;
}
