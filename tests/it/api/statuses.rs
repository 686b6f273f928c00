//! What the reference daemons answer with 500, or with text: here each is the caller's error and says so.

use super::{Server, demo_config};
use reqwest::Method;
use serde_json::json;

/// Sends a body as it is, and asserts the status, and that the error is a problem that says these words.
async fn refused(server: &Server, path: &str, body: &str, status: u16, words: &str) {
    let reply = server.send(Method::POST, path, &[("content-type", "application/json")], body.into()).await;
    assert_eq!(reply.status, status, "{path} {body}: {reply:?}");
    assert!(reply.detail().contains(words), "{path} {body}: {}", reply.detail());
    assert_eq!(reply.json()["status"], status);
}

#[tokio::test]
async fn configurations_that_cannot_be() {
    let server = Server::start().await;
    for (config, words) in [
        (json!({"mounts": {"/d": {"resource": "nope"}}}), "unknown backend 'nope'"),
        (json!({"mounts": {"/d": {"vfs": "nope"}}}), "unknown backend 'nope'"),
        (json!({"mounts": {"/d": {"resource": "disk"}}}), "requires `root`"),
        (json!({"mounts": {"/d": {"resource": "ram"}, "d": {"resource": "ram"}}}), "another mount is at /d/ already"),
        (json!({"mounts": {"/d": {}}}), "requires `resource`"),
        (json!({"mounts": []}), "`mounts` mapping"),
        (json!({"mounts": {"/d": {"resource": "ram", "config": {"x": "${NOPE}"}}}}), "unknown key 'x'"),
        (json!("text"), "`mounts` mapping"),
    ] {
        let body = json!({"id": "bad", "config": config}).to_string();
        refused(&server, "/v1/workspaces", &body, 400, words).await;
    }
    for id in ["..", ".", "a/b", "clone", "load"] {
        let body = json!({"id": id, "config": demo_config()}).to_string();
        refused(&server, "/v1/workspaces", &body, 400, &format!("invalid workspace id: '{id}'")).await;
    }
    refused(&server, "/v1/workspaces", "", 400, "missing field `config`").await;
    assert_eq!(server.get("/v1/workspaces").await.json(), json!([]));
}

#[tokio::test]
async fn bodies_that_cannot_be_read_and_things_that_are_not_there() {
    let server = Server::start().await;
    server.demo().await;
    let execute = "/v1/workspaces/demo/execute";
    refused(&server, execute, "garbage", 400, "not JSON").await;
    refused(&server, execute, "", 400, "missing field `command`").await;
    refused(&server, execute, "{}", 400, "missing field `command`").await;
    refused(&server, execute, r#"{"command":"pwd","session_id":"nosuch"}"#, 404, "session not found").await;
    refused(&server, "/v1/workspaces/demo/shell?session_id=nosuch", r#"{"command":"pwd"}"#, 404, "session not found")
        .await;
    refused(&server, "/v1/workspaces/clone", r#"{"source_id":"none"}"#, 404, "workspace not found").await;
    refused(&server, "/v1/workspaces/demo/clone", r#"{"id":"demo"}"#, 409, "already exists: 'demo'").await;
    let over = r#"{"override":{"mounts":{"/data":{"resource":"nope"}}}}"#;
    refused(&server, "/v1/workspaces/demo/clone", over, 400, "unknown backend 'nope'").await;
    refused(&server, "/v1/workspaces/demo/clone", r#"{"override":[]}"#, 400, "override: must be").await;
    refused(&server, "/v1/workspaces/demo/sessions", r#"{"mounts":{"/data":"zzz"}}"#, 400, "is not a mode").await;
    let default = server.delete("/v1/workspaces/demo/sessions/default").await;
    assert!(default.status == 409 && default.detail().contains("is the default session"), "{default:?}");
    let tar = [("content-type", "application/x-tar")];
    let garbage = server.send(Method::POST, "/v1/workspaces/load", &tar, b"garbage".repeat(200)).await;
    assert!(garbage.status == 400 && garbage.detail().starts_with("load failed: "), "{garbage:?}");
    assert_eq!(server.get("/v1/workspaces").await.json().as_array().unwrap().len(), 1);
}
