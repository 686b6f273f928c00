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

#[tokio::test]
async fn a_node_asks_how_it_stands_without_a_sign_of_life() {
    let gateway = TestGateway::start().await;
    let node = FakeNode::join(&gateway, "box", Some(2)).await;
    let ask = async |token: &str| gateway.ask(Method::GET, &format!("{NODE_PREFIX}/self"), token, None).await;
    let (status, own) = ask(&node.token).await;
    assert_eq!((status, &own["node_id"], &own["name"]), (200, &json!(node.id), &json!("box")), "{own}");
    assert_eq!((&own["status"], own.get("last_seen_ms")), (&json!("unreachable"), None), "{own}");
    let view: NodeView = parse(gateway.get("/v1/nodes/box").await.1);
    assert_eq!((view.state, view.last_seen_ms), (NodeState::Unreachable, None));

    node.beat(&gateway, true).await;
    gateway.ask(Method::POST, "/v1/nodes/box/drain", &gateway.admin, None).await;
    let (_, own) = ask(&node.token).await;
    assert_eq!(
        (&own["drain"], &own["status"], &own["instance_id"]),
        (&json!(true), &json!("draining"), &json!(node.instance))
    );
    assert_eq!(ask("msn_nobody").await.0, 401);

    let leave = json!({"reason": "node_uninstall", "source": "mswarm_node_uninstall", "node_version": "0.1.0", "service_manager": "systemd"});
    for _ in 0..2 {
        let (status, answer) = node.call(&gateway, "/uninstall", leave.clone()).await;
        assert_eq!((status, &answer["node"]["status"]), (200, &json!("removed")));
    }
    let (status, problem) = ask(&node.token).await;
    assert_eq!((status, &problem["code"]), (410, &json!("node_removed")));
    let list: NodeList = parse(gateway.get("/v1/nodes?removed=true").await.1);
    assert_eq!(list.items[0].state, NodeState::Removed);

    let again = FakeNode::join(&gateway, "box", Some(2)).await;
    assert_eq!((again.id == node.id, ask(&node.token).await.0, ask(&again.token).await.0), (true, 401, 200));
    gateway.end().await;
}

#[tokio::test]
async fn no_node_is_called_by_the_id_of_another() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let register = async |name: &str| {
        let body = json!({
            "machine_fingerprint": format!("sha256:{}", "0".repeat(64)), "registration_secret": "1".repeat(64),
            "server_name": name, "hostname": "h", "handle": "ada", "relay_mode": "outbound", "node_version": "0.1.0",
        });
        gateway.ask(Method::POST, &format!("{NODE_PREFIX}/register"), "", Some(body)).await
    };
    assert_eq!(register("another").await.0, 200);
    for name in [node.id.clone(), node.id.to_uppercase()] {
        let (status, problem) = register(&name).await;
        let says = problem["detail"].as_str().unwrap_or_default();
        assert!(status == 400 && says.contains("cannot be a node's name"), "{name}: {problem}");
    }
    for (name, id) in [("new", node.id.as_str()), ("new", "box")] {
        let body = json!({"node": name, "node_id": id});
        let (status, problem) = gateway.ask(Method::POST, "/v1/enrollments", &gateway.admin, Some(body)).await;
        assert_eq!((status, &problem["code"]), (409, &json!("conflict")), "{problem}");
    }
    gateway.end().await;
}
