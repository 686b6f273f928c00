//! Sessions: each with its own directory and environment.

use super::{Server, wait_until};
use reqwest::Method;
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

/// A workspace with `ram` mounts at `/a` and `/b`, and what a script of a session in it comes to.
async fn two_mounts(server: &Server) {
    let config = json!({"mounts": {"/a": {"resource": "ram"}, "/b": {"resource": "ram"}, "/ro": {"vfs": "ram", "mode": "read"}}});
    server.post("/v1/workspaces", json!({"id": "demo", "config": config})).await;
    server.sh("echo a > /a/f; echo b > /b/f").await;
}

#[tokio::test]
async fn every_way_to_narrow_a_session_narrows_it() {
    let server = Server::start().await;
    two_mounts(&server).await;
    let script = "cat /a/f; cat /b/f; echo x >> /a/f; echo x >> /b/f; echo x > /ro/f; true";
    let nothing = "";
    for (id, body, stdout, refused) in [
        ("all", json!({}), "a\nb\n", nothing),
        ("null", json!({"allowed_mounts": null, "mounts": null, "profile": null}), "a\nx\nb\nx\n", nothing),
        ("snake", json!({"allowed_mounts": ["/a"]}), "a\nx\nx\n", "/b"),
        ("camel", json!({"allowedMounts": ["a/"]}), "a\nx\nx\nx\n", "/b"),
        ("list", json!({"mounts": ["/a:read"]}), "a\nx\nx\nx\nx\n", "/b"),
        (
            "map",
            json!({"mounts": {"/a": "read", "/ro": "exec"}}),
            "a\nx\nx\nx\nx\nb\nx\nx\n",
            "/a/f: Read-only file system",
        ),
    ] {
        let mut body = body;
        body["session_id"] = json!(id);
        let made = server.post("/v1/workspaces/demo/sessions", body).await;
        assert_eq!(made.status, 201, "{id}: {made:?}");
        let run = json!({"command": script, "session_id": id});
        let answer = server.post("/v1/workspaces/demo/execute", run).await.json();
        assert_eq!(answer["stdout"], stdout, "{id}: {answer}");
        let stderr = answer["stderr"].as_str().unwrap();
        assert!(stderr.contains(refused), "{id}: {stderr}");
        assert!(
            stderr.contains("/ro/f: Read-only file system") || ["snake", "camel", "list"].contains(&id),
            "{id}: {stderr}"
        );
    }
}

#[tokio::test]
async fn a_narrowing_that_would_do_nothing_is_refused_and_so_is_a_profile() {
    let server = Server::start().await;
    two_mounts(&server).await;
    let path = "/v1/workspaces/demo/sessions";
    for (body, words) in [
        (json!({"allowed_mounts": ["/a", "/nomount"]}), "no mount is at '/nomount', they are at: "),
        (json!({"mounts": {"/nomount": "read"}}), "no mount is at '/nomount', they are at: "),
        (json!({"mounts": {"/a": "zzz"}}), "is not a mode; use read, write or exec"),
        (json!({"mounts": "/a"}), "mounts: must be a list of prefixes, or a mapping"),
        (json!({"mounts": ["/a"], "allowed_mounts": ["/a"]}), "mounts: give either"),
        (json!({"profile": "nope"}), "unknown profile 'nope'"),
    ] {
        let reply = server.post(path, body.clone()).await;
        assert!(reply.status == 400 && reply.detail().contains(words), "{body}: {reply:?}");
    }
    assert_eq!(server.get(path).await.json().as_array().unwrap().len(), 1);

    let patch = async |session: &str, body: &'static str| {
        let json = [("content-type", "application/json")];
        server.send(Method::PATCH, &format!("{path}/{session}"), &json, body.into()).await
    };
    let kept = patch("default", r#"{"profile":null}"#).await;
    assert_eq!((kept.status, &kept.json()["session_id"], &kept.json()["cwd"]), (200, &"default".into(), &"/".into()));
    assert_eq!(patch("default", r#"{"profile":"nope"}"#).await.detail(), "unknown profile 'nope'");
    assert_eq!(patch("none", r#"{"profile":null}"#).await.detail(), "session not found");
}

#[tokio::test]
async fn cancel_ends_all_lines_of_a_session_and_kill_those_in_the_background() {
    let server = Server::start().await;
    two_mounts(&server).await;
    for id in ["s1", "s2"] {
        server.post("/v1/workspaces/demo/sessions", json!({ "session_id": id })).await;
    }
    let count = async |path: &str, key: &str| {
        let reply = server.send(Method::POST, &format!("/v1/workspaces/demo{path}"), &[], Vec::new()).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()[key].as_u64().unwrap()
    };
    let start = async |session: &str| {
        let body = json!({"command": "while :; do :; done", "sessionId": session});
        let reply = server.post("/v1/workspaces/demo/execute?background=true", body).await;
        reply.json()["job_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(count("/sessions/s1/cancel", "canceled").await, 0);
    let (one, two) = (start("s1").await, start("s2").await);
    assert_eq!(count("/sessions/s1/cancel", "canceled").await, 1);
    let ended = server.job(&one).await;
    assert_eq!((&ended["status"], &ended["session_id"]), (&"canceled".into(), &"s1".into()), "{ended}");
    assert_eq!((&ended["cancel_requested"], &ended["cancelRequested"]), (&true.into(), &true.into()));
    let other = server.job(&two).await;
    assert_eq!((&other["status"], &other["cancel_requested"]), (&"running".into(), &false.into()), "{other}");
    assert_eq!(count("/kill", "killed").await, 1);
    assert_eq!(server.job(&two).await["status"], "canceled");
    start("s2").await;
    assert_eq!(count("/sessions/s2/kill", "killed").await, 1);

    let waited = server.post("/v1/workspaces/demo/execute", json!({"command": "while :; do :; done"}));
    let cancel = async {
        wait_until("the line runs", async || {
            let jobs = server.get("/v1/jobs?workspaceId=demo").await.json();
            if jobs.as_array().unwrap().iter().any(|job| job["status"] == "running") {
                Ok(())
            } else {
                Err(jobs.to_string())
            }
        })
        .await;
        assert_eq!(count("/kill", "killed").await, 0, "its caller waits: it is not in the background");
        count("/cancel", "canceled").await
    };
    let (executed, cancelled) = tokio::join!(waited, cancel);
    assert_eq!((executed.status, cancelled), (499, 1));
    for path in ["/v1/workspaces/none/cancel", "/v1/workspaces/none/kill", "/v1/workspaces/demo/sessions/none/cancel"] {
        assert_eq!(server.send(Method::POST, path, &[], Vec::new()).await.status, 404, "{path}");
    }
}
