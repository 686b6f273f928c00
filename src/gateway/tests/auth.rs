//! Who gets in, and what those are told who do not.

use super::*;
use crate::base::{hash_token, unix_ms};
use crate::gateway::store::NewKey;

#[tokio::test]
async fn every_bad_key_is_told_what_is_wrong_with_it() {
    let gateway = TestGateway::start().await;
    let expired = "msw_expired";
    let new = NewKey {
        hash: hash_token(expired),
        scopes: vec![Scope::Call],
        label: None,
        expires_ms: Some(unix_ms() - 86_400_000),
        uses: None,
        grants: None,
    };
    gateway.store.create_key(new, unix_ms()).await.unwrap();
    let once = gateway.key(Scope::Call, None, Some(1)).await;
    assert_eq!(gateway.ask(Method::GET, "/v1/jobs", &once, None).await.0, 200);
    for (key, status, code, says) in [
        ("msw_nobody", 401, "unauthorized", "not known"),
        (expired, 401, "unauthorized", "expired at 20"),
        (&once, 401, "unauthorized", "used as often"),
        (&gateway.enroll, 403, "forbidden", "has scope enroll, this needs call"),
    ] {
        let response = gateway.send(Method::GET, "/v1/jobs", key, None).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers().get("www-authenticate").is_some(), status == 401);
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], code);
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
        assert!(problem["hint"].is_string() && problem["request_id"].is_string(), "{problem}");
    }
    let nobody = gateway.client.get(format!("{}/v1/jobs", gateway.url)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
    gateway.end().await;
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked_at_once() {
    let gateway = TestGateway::start().await;
    let wanted = json!({"scopes": ["call"], "label": "ci", "uses": null});
    let (status, made) = gateway.ask(Method::POST, "/v1/keys", &gateway.admin, Some(wanted)).await;
    assert_eq!(status, 201);
    let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
    assert_eq!(gateway.ask(Method::GET, "/v1/jobs", key, None).await.0, 200);

    let (_, listed) = gateway.ask(Method::GET, "/v1/keys", &gateway.admin, None).await;
    assert_eq!(listed["items"][0]["label"], "ci");
    assert!(!listed.to_string().contains(key));

    let (status, gone) = gateway.ask(Method::DELETE, &format!("/v1/keys/{id}"), &gateway.admin, None).await;
    assert_eq!((status, gone["status"].as_str()), (200, Some("revoked")));
    let (status, problem) = gateway.ask(Method::GET, "/v1/jobs", key, None).await;
    assert_eq!(status, 401);
    assert!(problem["detail"].as_str().unwrap().contains("revoked"), "{problem}");

    assert_eq!(gateway.ask(Method::DELETE, "/v1/keys/key_no", &gateway.admin, None).await.0, 404);
    assert_eq!(gateway.ask(Method::GET, "/v1/keys", &gateway.call, None).await.0, 403);
    gateway.end().await;
}

#[tokio::test]
async fn a_node_needs_its_own_token_and_a_removed_one_gets_410() {
    let gateway = TestGateway::start().await;
    let (one, other) = (gateway.node("one").await, gateway.node("two").await);
    let mixed = FakeNode { token: other.token.clone(), ..one.clone() };
    let (status, problem) = mixed.try_poll(&gateway, 0, 1).await;
    assert_eq!(status, 403);
    assert!(problem["error"] == "forbidden" && problem["message"].is_string(), "{problem}");
    let wrong = FakeNode { token: "msn_wrong".to_owned(), ..one.clone() };
    assert_eq!(wrong.try_poll(&gateway, 0, 1).await.0, 401);
    // A key is no token, and a token is no key.
    assert_eq!(FakeNode { token: gateway.call.clone(), ..one.clone() }.try_poll(&gateway, 0, 1).await.0, 401);
    assert_eq!(gateway.ask(Method::GET, "/v1/jobs", &one.token, None).await.0, 401);

    let path = format!("/v1/nodes/{}", one.id);
    let (status, view) = gateway.ask(Method::DELETE, &path, &gateway.admin, None).await;
    assert_eq!((status, view["state"].as_str()), (200, Some("removed")));
    assert_eq!(one.try_poll(&gateway, 0, 1).await.0, 410);
    assert_eq!(one.call(&gateway, "/heartbeat", json!({})).await.0, 410);
    let (status, _) = other.call(&gateway, "/uninstall", json!({"reason": "node_uninstall", "source": "t"})).await;
    assert_eq!(status, 200);
    assert_eq!(other.try_poll(&gateway, 0, 1).await.0, 410);
    gateway.end().await;
}

#[tokio::test]
async fn a_bad_bootstrap_spends_no_use() {
    let gateway = TestGateway::start().await;
    let once = gateway.key(Scope::Enroll, None, Some(1)).await;
    let path = format!("{NODE_PREFIX}/bootstrap");
    let (status, _) = gateway.ask(Method::POST, &path, &once, Some(json!({"server_name": "x"}))).await;
    assert_eq!(status, 400);
    let gateway = TestGateway { enroll: once.clone(), ..gateway };
    FakeNode::join(&gateway, "good", Some(2)).await;
    let (status, problem) = gateway.ask(Method::POST, &path, &once, Some(json!({}))).await;
    assert_eq!(status, 400, "{problem}");
    gateway.end().await;
}

#[tokio::test]
async fn looking_whether_a_key_could_join_a_node_spends_no_use_of_it() {
    let gateway = TestGateway::start().await;
    let ask = async |key: &str| gateway.ask(Method::GET, &format!("{NODE_PREFIX}/bootstrap"), key, None).await;
    let once = gateway.key(Scope::Enroll, None, Some(1)).await;
    for _ in 0..3 {
        assert_eq!(ask(&once).await, (200, json!({"ok": true, "scope": "enroll", "uses_left": 1})));
    }
    for (key, says) in
        [("msw_nobody", "not known"), (&gateway.call, "has scope call, this needs enroll"), ("", "Bearer")]
    {
        let (status, answer) = ask(key).await;
        assert_eq!((status, &answer["ok"]), (200, &json!(false)));
        assert!(answer["problem"].as_str().unwrap().contains(says), "{answer}");
    }
    gateway.end().await;
}
