//! What the TypeScript server refused in the transcripts. Its client shows `detail` and looks at nothing else, so each of
//! these has one, also where that server answered 500 or in another form.

use super::started;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn bodies_and_routes() {
    let (server, _dir) = started().await;
    let json = [("content-type", "application/json")];
    let none: [(&str, &str); 0] = [];
    let demo = "/v1/workspaces/demo";
    for (method, path, headers, body, status, words) in [
        (Method::POST, "/v1/workspaces", &json[..], r#"{"id":"bad"}"#, 400, "missing field `config`"),
        (Method::POST, "/v1/workspaces", &json, "{nope", 400, "the body is not JSON"),
        (Method::POST, "/v1/workspaces", &none, "", 400, "missing field `config`"),
        (
            Method::POST,
            "/v1/workspaces",
            &json,
            r#"{"id":"demo","config":{"mounts":{"/data":{"resource":"ram"}},"mode":"write"}}"#,
            409,
            "workspace id already exists: 'demo'",
        ),
        // The server's own environment is not for its callers.
        (
            Method::POST,
            "/v1/workspaces",
            &json,
            r#"{"id":"bad","config":{"mounts":{"/d":{"resource":"disk","config":{"root":"${HOME}"}}}}}"#,
            403,
            "${HOME}",
        ),
        (Method::POST, "/v1/workspaces/demo/execute", &json, "{}", 400, "missing field `command`"),
        (Method::GET, "/v1/workspaces/none", &none, "", 404, "workspace not found"),
        (Method::GET, "/v1/nothing", &none, "", 404, "Not Found"),
        (Method::PUT, demo, &none, "", 405, "Method Not Allowed"),
        (Method::GET, "/v1/health", &[("host", "evil.com")], "", 400, "Invalid host header"),
    ] {
        let reply = server.send(method, path, headers, body.into()).await;
        assert!(reply.status == status && reply.detail().contains(words), "{path} {body}: {reply:?}");
    }
    assert_eq!(server.get("/v1/workspaces").await.json().as_array().unwrap().len(), 1);
    // That client sends a JSON type without a body; its own server choked on it.
    assert_eq!(server.send(Method::DELETE, demo, &json, Vec::new()).await.status, 200);
}

#[tokio::test]
async fn archives() {
    let (server, dir) = started().await;
    let id: [(&str, &[u8]); 1] = [("name=\"id\"", b"zz")];
    let nothing = server.post_parts("/v1/workspaces/load", &id).await;
    assert!(nothing.status == 400 && nothing.detail().contains("'tar'"), "{nothing:?}");
    let tar = server.get("/v1/workspaces/demo/snapshot").await.body;
    let taken: [(&str, &[u8]); 2] = [("name=\"tar\"; filename=\"s.tar\"", &tar), ("name=\"id\"", b"demo")];
    let taken = server.post_parts("/v1/workspaces/load", &taken).await;
    assert_eq!((taken.status, taken.detail()), (409, "workspace id already exists: 'demo'".to_owned()));
    std::fs::write(dir.path().join("passwd"), "root:x:0:0").unwrap();
    let garbage = server.post("/v1/workspaces/load", json!({"path": dir.path().join("passwd")})).await;
    assert!(garbage.status == 400 && garbage.detail().starts_with("load failed: "), "{garbage:?}");
    let outside = server.post("/v1/workspaces/load", json!({"path": "/etc/passwd"})).await;
    assert!(outside.status == 403 && !outside.detail().contains("root:"), "{outside:?}");
    assert_eq!(server.get("/v1/workspaces").await.json().as_array().unwrap().len(), 1);
}
