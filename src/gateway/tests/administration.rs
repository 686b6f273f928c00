//! What operators do to nodes, and the log of it.

use super::*;
use crate::wire::gateway::{AuditLog, NodeView};

#[tokio::test]
async fn a_node_is_renamed_labelled_removed_and_restored() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    gateway.node("other").await;
    let patch = async |name: &str, body: Value| {
        gateway.ask(Method::PATCH, &format!("/v1/nodes/{name}"), &gateway.admin, Some(body)).await
    };
    let (status, view) = patch("box", json!({"name": "Attic", "labels": {"gpu": "true"}})).await;
    let view: NodeView = parse(view);
    assert_eq!((status, view.name.as_str(), view.labels["gpu"].as_str()), (200, "attic", "true"));
    assert_eq!(gateway.get("/v1/nodes/box").await.0, 404);
    // It is claimed for by its new labels at once, and keeps them through heartbeats.
    node.beat(&gateway, false).await;
    gateway.submit(json!({"operation": "workspaces.list", "labels": {"gpu": "true"}})).await;
    assert_eq!(node.poll(&gateway, 0, 1).await.jobs.len(), 1);
    for (body, status, says) in [
        (json!({"name": "other"}), 409, "the name is that of node"),
        (json!({"name": "any"}), 400, "cannot be a node's name"),
        (json!({"name": "a b"}), 400, "not a node's name"),
        (json!({"labels": {"": "x"}}), 400, "label"),
        (json!({"colour": "red"}), 400, "colour"),
    ] {
        let (got, problem) = patch("attic", body).await;
        assert_eq!(got, status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
    let (_, view) = patch("attic", json!({"labels": {"gpu": null}})).await;
    assert_eq!(view["labels"], json!({"name": "box"}), "what the node reports");

    gateway.ask(Method::DELETE, "/v1/nodes/attic", &gateway.admin, None).await;
    assert_eq!(node.try_poll(&gateway, 0, 1).await.0, 410);
    assert_eq!(patch("attic", json!({"name": "x"})).await.0, 410);
    let (status, _) = gateway.ask(Method::POST, "/v1/nodes/attic/restore", &gateway.admin, None).await;
    assert_eq!(status, 200);
    assert_eq!(node.try_poll(&gateway, 0, 1).await.0, 200);
    assert_eq!(gateway.ask(Method::POST, "/v1/nodes/no/restore", &gateway.admin, None).await.0, 404);
    let none = gateway.ask(Method::PATCH, "/v1/nodes/attic", &gateway.call, Some(json!({}))).await;
    assert_eq!(none.0, 403);
    gateway.end().await;
}

#[tokio::test]
async fn a_waiting_poll_hears_of_labels_that_make_a_job_fit() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let job = gateway.submit(json!({"operation": "workspaces.list", "labels": {"gpu": "true"}})).await;
    let polling = async { within("the job", node.next(&gateway)).await };
    let labelling = async {
        until("it polls", || async {
            let (_, view) = gateway.get("/v1/nodes/box").await;
            view["conditions"][1]["reason"] == "active"
        })
        .await;
        let body = json!({"labels": {"gpu": "true"}});
        gateway.ask(Method::PATCH, "/v1/nodes/box", &gateway.admin, Some(body)).await
    };
    let begun = std::time::Instant::now();
    let (got, _) = tokio::join!(polling, labelling);
    assert_eq!(got.job_id, job.id);
    assert!(begun.elapsed() < Duration::from_secs(10), "not at the end of the hold");
    gateway.end().await;
}

#[tokio::test]
async fn every_administrative_act_is_in_the_log_and_no_secret_is() {
    let gateway = TestGateway::start().await;
    let node = gateway.node("box").await;
    let (limited, id) = gateway.limited(json!([{"node": "box"}])).await;
    let admin =
        |method: Method, path: String| gateway.ask(method, Box::leak(path.into_boxed_str()), &gateway.admin, None);
    admin(Method::POST, "/v1/nodes/box/drain".into()).await;
    admin(Method::POST, "/v1/nodes/box/resume".into()).await;
    admin(Method::POST, "/v1/nodes/box/rotate".into()).await;
    let token = node.beat(&gateway, false).await["runtime_token"].as_str().unwrap().to_owned();
    admin(Method::DELETE, format!("/v1/keys/{id}/grants")).await;
    admin(Method::DELETE, format!("/v1/keys/{id}")).await;
    FakeNode { token: token.clone(), ..node.clone() }
        .call(&gateway, "/uninstall", json!({"reason": "node_uninstall", "source": "t"}))
        .await;

    let (status, text) = gateway.ask(Method::GET, "/v1/audit?limit=500", &gateway.admin, None).await;
    assert_eq!(status, 200);
    let log: AuditLog = parse(text.clone());
    let acts: Vec<_> = log.items.iter().rev().map(|entry| entry.act.as_str()).collect();
    let expected = [
        "key.created",
        "key.created",
        "key.created",
        "node.joined",
        "key.created",
        "node.drained",
        "node.resumed",
        "node.token_rotated",
        "grant.lifted",
        "key.revoked",
        "node.removed",
    ];
    assert_eq!(acts, expected);
    let by: Vec<_> = log.items.iter().rev().map(|entry| entry.by.as_str()).collect();
    assert!(by[..3].iter().all(|by| *by == "local"), "made beside the gateway: {by:?}");
    assert!(by[4..10].iter().all(|who| *who == by[4] && who.starts_with("key_")), "{by:?}");
    assert_eq!(by[10], node.id);
    for secret in [&gateway.admin, &gateway.call, &gateway.enroll, &limited, &node.token, &token] {
        assert!(!text.to_string().contains(secret.as_str()));
        assert!(!text.to_string().contains(&crate::base::hash_token(secret)));
    }

    let (_, page) = gateway.ask(Method::GET, "/v1/audit?limit=2", &gateway.admin, None).await;
    let page: AuditLog = parse(page);
    let cursor = page.next_cursor.unwrap();
    let (_, rest) = gateway.ask(Method::GET, &format!("/v1/audit?cursor={cursor}"), &gateway.admin, None).await;
    assert_eq!((page.items.len(), parse::<AuditLog>(rest).items.len()), (2, 9));
    let (_, none) = gateway.ask(Method::GET, "/v1/audit?since=9999999999", &gateway.admin, None).await;
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
    for bad in ["since=soon", "limit=0", "cursor=x", "colour=red"] {
        assert_eq!(gateway.ask(Method::GET, &format!("/v1/audit?{bad}"), &gateway.admin, None).await.0, 400);
    }
    assert_eq!(gateway.get("/v1/audit").await.0, 403);
    gateway.end().await;
}
