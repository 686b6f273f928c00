//! Sessions: each with its own directory and environment.

use super::Server;
use serde_json::json;

#[tokio::test]
async fn sessions_keep_their_own_directory_and_variables() {
    let server = Server::start().await;
    server.demo().await;
    let path = "/v1/workspaces/demo/sessions";
    let minted = server.post(path, json!({})).await;
    assert_eq!(minted.status, 201, "{minted:?}");
    assert!(minted.json()["session_id"].as_str().unwrap().starts_with("sess_"));
    assert_eq!(minted.json()["cwd"], "/");
    assert_eq!(server.post(path, json!({"session_id": "s1"})).await.json()["sessionId"], "s1");
    let again = server.post(path, json!({"session_id": "s1"})).await;
    assert_eq!((again.status, again.detail()), (409, "session id already exists: 's1'".to_owned()));

    let run = async |session: &str, command: &str| {
        let body = json!({"command": command, "session_id": session});
        server.post("/v1/workspaces/demo/execute", body).await.json()["stdout"].as_str().unwrap().to_owned()
    };
    run("s1", "cd /data; export FOO=bar; f() { echo fn; }").await;
    assert_eq!(run("s1", "pwd; echo $FOO; f").await, "/data\nbar\nfn\n");
    assert_eq!(run("default", "pwd; echo [$FOO]").await, "/\n[]\n");
    let list = server.get(path).await.json();
    let cwds: Vec<_> = list.as_array().unwrap().iter().map(|session| session["cwd"].as_str().unwrap()).collect();
    assert_eq!(cwds, ["/", "/", "/data"]);

    assert_eq!(server.delete(&format!("{path}/s1")).await.json()["session_id"], "s1");
    let gone = server.delete(&format!("{path}/s1")).await;
    assert_eq!((gone.status, gone.detail()), (404, "session not found".to_owned()));
    assert_eq!(server.delete(&format!("{path}/default")).await.status, 409);
    assert_eq!(server.post("/v1/workspaces/none/sessions", json!({})).await.detail(), "workspace not found");
}

#[tokio::test]
async fn a_session_may_be_kept_to_some_mounts() {
    let server = Server::start().await;
    let config = json!({"mounts": {"/a": {"resource": "ram"}, "/b": {"resource": "ram"}}});
    server.post("/v1/workspaces", json!({"id": "demo", "config": config})).await;
    server.sh("echo secret > /b/f").await;
    server.post("/v1/workspaces/demo/sessions", json!({"session_id": "s", "allowedMounts": ["/a"]})).await;
    let body = json!({"command": "echo x > /a/f && cat /a/f; cat /b/f", "session_id": "s"});
    let reply = server.post("/v1/workspaces/demo/execute", body).await.json();
    assert_eq!(reply["stdout"], "x\n", "{reply}");
    assert_ne!(reply["exit_code"], 0);
}
