//! The requests of the TypeScript generation's command line and of its documents, as they were recorded, and the fields
//! that its client reads in the answers.

mod refusals;
mod versions;

use super::{Reply, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// Asserts a status and gives the answer.
fn expect(reply: &Reply, status: u16) -> Value {
    assert_eq!(reply.status, status, "{reply:?}");
    reply.json()
}

fn assert_detail(detail: &Value, id: &str) {
    assert_eq!((&detail["id"], &detail["mode"]), (&id.into(), &"write".into()), "{detail}");
    assert!(detail["createdAt"].is_f64(), "{detail}");
    let data = detail["mounts"].as_array().unwrap().iter().find(|mount| mount["prefix"] == "/data/").unwrap();
    assert_eq!((&data["resource"], &data["mode"]), (&"ram".into(), &"write".into()));
    assert!(data["description"].is_string());
    assert_eq!((&detail["sessions"][0]["sessionId"], &detail["sessions"][0]["cwd"]), (&"default".into(), &"/".into()));
}

async fn started() -> (Server, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    let server = Server::with(|_, engine| engine.policy.snapshot_roots = vec![root]).await;
    let body = json!({"id": "demo", "config": {"mounts": {"/data": {"resource": "ram"}}, "mode": "write"}});
    assert_detail(&expect(&server.post("/v1/workspaces", body).await, 201), "demo");
    (server, dir)
}

#[tokio::test]
async fn workspaces_and_health() {
    let (server, _dir) = started().await;
    let health = expect(&server.get("/v1/health").await, 200);
    assert!(health["uptimeS"].is_f64() && health["status"] == "ok" && health["workspaces"] == 1, "{health}");
    let config = json!({"mounts": {"/data": {"resource": "ram"}, "/ro": {"resource": "ram", "mode": "read"}}});
    let minted = expect(&server.post("/v1/workspaces", json!({ "config": config })).await, 201);
    assert!(minted["id"].as_str().unwrap().starts_with("ws_"));
    for item in expect(&server.get("/v1/workspaces").await, 200).as_array().unwrap() {
        assert!(item["id"].is_string() && item["mode"].is_string() && item["createdAt"].is_f64(), "{item}");
        assert!(item["mountCount"].as_u64() > Some(0) && item["sessionCount"] == 1, "{item}");
    }
    let verbose = expect(&server.get("/v1/workspaces/demo?verbose=true").await, 200);
    assert_detail(&verbose, "demo");
    for name in ["cacheBytes", "cacheEntries", "historyLength", "inFlightJobs"] {
        assert_eq!(verbose["internals"][name], 0, "{verbose}");
    }
    for (config, words) in [
        (json!({}), "config requires a `mounts` mapping"),
        (json!({"mounts": {"/data": {"resource": "nope"}}}), "unknown backend 'nope'"),
        (json!({"mounts": {"/d": {"resource": "ram", "mode": "zzz"}}}), "'zzz' is not a mode"),
    ] {
        let refused = server.post("/v1/workspaces", json!({"id": "bad", "config": config})).await;
        assert!(refused.status == 400 && refused.detail().contains(words), "{refused:?}");
    }
    for body in [json!({"id": "cl"}), json!({"id": "cl"})].into_iter().zip([201, 409]) {
        assert_eq!(server.post("/v1/workspaces/demo/clone", body.0).await.status, body.1);
    }
    let deleted = expect(&server.delete("/v1/workspaces/cl").await, 200);
    assert!(deleted["id"] == "cl" && deleted["closedAt"].is_f64(), "{deleted}");
    assert_eq!(server.delete("/v1/workspaces/cl").await.detail(), "workspace not found");
    let clone = server.post("/v1/workspaces/clone", json!({"sourceId": "demo", "id": "c"})).await;
    assert_detail(&expect(&clone, 201), "c");
    let refresh = expect(&server.post("/v1/workspaces/demo/refresh", json!({"path": "/data"})).await, 200);
    assert!(refresh["fileEntries"].is_u64() && refresh["indexEntries"].is_u64(), "{refresh}");
}

#[tokio::test]
async fn executions_and_jobs() {
    let (server, _dir) = started().await;
    let path = "/v1/workspaces/demo/execute";
    let ran = server.post(path, json!({"command": "echo hello > /data/hello.txt && cat /data/hello.txt"})).await;
    assert!(ran.header("x-mirage-job-id").starts_with("job_"));
    let io = expect(&ran, 200);
    assert_eq!(
        (&io["kind"], &io["exitCode"], &io["stdout"], &io["stderr"]),
        (&"io".into(), &0.into(), &"hello\n".into(), &"".into())
    );
    let session = json!({"sessionId": "s1"});
    expect(&server.post("/v1/workspaces/demo/sessions", session).await, 201);
    let cli = json!({"command": "cd /data; pwd", "provision": false, "sessionId": "s1", "stdinBase64": ""});
    assert_eq!(expect(&server.post(path, cli).await, 200)["stdout"], "/data\n");
    let failing = json!({"command": "cat /data/nope; echo err >&2; exit 3"});
    let failing = expect(&server.post(path, failing).await, 200);
    let told = "cat: /data/nope: No such file or directory\nerr\n";
    assert_eq!((&failing["exitCode"], &failing["stderr"]), (&3.into(), &told.into()), "{failing}");
    let stdin = json!({"command": "wc -l", "stdinBase64": "YQpiCg=="});
    assert_eq!(expect(&server.post(path, stdin).await, 200)["stdout"].as_str().unwrap().trim(), "2");

    let estimate = json!({"command": "cat /data/hello.txt | wc -l", "provision": true, "sessionId": "s1"});
    let estimate = expect(&server.post(path, estimate).await, 200);
    assert_eq!(
        (&estimate["kind"], &estimate["op"], &estimate["readOps"]),
        (&"provision".into(), &";".into(), &1.into())
    );
    let leaf = &estimate["children"][0]["children"][0];
    assert_eq!(
        (&leaf["networkReadLow"], &leaf["networkReadHigh"], &leaf["precision"]),
        (&6.into(), &6.into(), &"exact".into())
    );

    let accepted =
        server.post(&format!("{path}?background=true"), json!({"command": "echo done", "provision": false})).await;
    let accepted = expect(&accepted, 202);
    assert!(accepted["workspaceId"] == "demo" && accepted["submittedAt"].is_f64(), "{accepted}");
    let job = format!("/v1/jobs/{}", accepted["jobId"].as_str().unwrap());
    let sleeper = server.background("sleep 30; echo done").await;
    let still = expect(&server.post(&format!("/v1/jobs/{sleeper}/wait"), json!({"timeoutS": 0.01})).await, 200);
    assert!(still["jobId"] == *sleeper && still["workspaceId"] == "demo", "{still}");
    assert!(["pending", "running"].contains(&still["status"].as_str().unwrap()), "{still}");
    assert!(still["finishedAt"].is_null() && still["result"].is_null() && still["error"].is_null(), "{still}");
    assert_eq!(expect(&server.delete(&format!("/v1/jobs/{sleeper}")).await, 200)["canceled"], true);
    let ended = expect(&server.post(&format!("/v1/jobs/{sleeper}/wait"), json!({})).await, 200);
    assert!(ended["status"] == "canceled" && ended["result"].is_null() && ended["error"].is_null(), "{ended}");

    for body in [json!({"timeoutS": 3}), json!({})] {
        let waited = expect(&server.post(&format!("{job}/wait"), body).await, 200);
        assert_eq!((&waited["status"], &waited["result"]["stdout"]), (&"done".into(), &"done\n".into()), "{waited}");
        assert!(waited["startedAt"].is_f64() && waited["finishedAt"].is_f64() && waited["error"].is_null(), "{waited}");
        assert_eq!((&waited["result"]["exitCode"], &waited["jobId"]), (&0.into(), &accepted["jobId"]));
    }
    assert_eq!(server.send(Method::POST, &format!("{job}/wait"), &[], Vec::new()).await.status, 200, "without a body");
    let cancelled = expect(&server.delete(&job).await, 200);
    assert_eq!((&cancelled["jobId"], &cancelled["canceled"]), (&accepted["jobId"], &false.into()));
    let list = expect(&server.get("/v1/jobs?workspaceId=demo").await, 200);
    assert_eq!(list.as_array().unwrap().len(), 6, "{list}");
    assert!(
        list.as_array().unwrap().iter().all(|job| job["jobId"].is_string() && job["finishedAt"].is_f64()),
        "{list}"
    );
    assert_eq!(expect(&server.get("/v1/jobs?workspaceId=other").await, 200), json!([]));
    assert_eq!(server.get("/v1/jobs/nope").await.detail(), "job not found");
    assert_eq!(server.post(path, json!({"command": "pwd", "sessionId": "nosuch"})).await.status, 404);
}

#[tokio::test]
async fn sessions() {
    let (server, _dir) = started().await;
    let path = "/v1/workspaces/demo/sessions";
    let minted = expect(&server.send(Method::POST, path, &[], Vec::new()).await, 201);
    assert!(minted["sessionId"].as_str().unwrap().starts_with("sess_") && minted["cwd"] == "/", "{minted}");
    for allowed in ["/data", "/data:read"] {
        let body = json!({"sessionId": "s1", "allowedMounts": [allowed]});
        assert_eq!(expect(&server.post(path, body.clone()).await, 201)["sessionId"], "s1");
        assert_eq!(server.post(path, body).await.detail(), "session id already exists: 's1'");
        let write = json!({"command": "echo x > /data/f", "sessionId": "s1"});
        let wrote = expect(&server.post("/v1/workspaces/demo/execute", write).await, 200);
        assert_eq!(wrote["exitCode"], u8::from(allowed.ends_with(":read")), "{allowed}: {wrote}");
        assert_eq!(expect(&server.delete(&format!("{path}/s1")).await, 200)["sessionId"], "s1");
        assert_eq!(server.delete(&format!("{path}/s1")).await.detail(), "session not found");
    }
    let list = expect(&server.get(path).await, 200);
    assert_eq!((&list[0]["sessionId"], &list[1]["sessionId"]), (&"default".into(), &minted["sessionId"]));
    assert_eq!(server.delete(&format!("{path}/default")).await.status, 409);
}

#[tokio::test]
async fn snapshots_by_path_and_by_form() {
    let (server, dir) = started().await;
    server.sh("echo hello > /data/hello.txt").await;
    let given = dir.path().join("b.tar");
    let written = expect(&server.post("/v1/workspaces/demo/snapshot", json!({ "path": given })).await, 200);
    assert_eq!(written["id"], "demo");
    let file = std::path::Path::new(written["path"].as_str().unwrap());
    assert!(file.is_absolute() && written["size"] == std::fs::metadata(file).unwrap().len(), "{written}");
    let over = json!({"mounts": {"/data": {"resource": "ram"}}});
    let load = json!({"path": "./b.tar", "id": "re", "override": over});
    assert_detail(&expect(&server.post("/v1/workspaces/load", load.clone()).await, 201), "re");
    assert_eq!(server.post("/v1/workspaces/load", load).await.detail(), "workspace id already exists: 're'");
    for path in ["/v1/workspaces/load", "/v1/workspaces/demo/snapshot"] {
        assert_eq!(server.post(path, json!({})).await.detail(), "path is required");
    }
    let missing = server.post("/v1/workspaces/load", json!({"path": "such.tar"})).await;
    assert_eq!((missing.status, missing.detail()), (400, "snapshot not found: such.tar".to_owned()));

    let tar = server.get("/v1/workspaces/demo/snapshot").await;
    assert_eq!(tar.header("content-type"), "application/x-tar");
    let over = over.to_string();
    let parts: [(&str, &[u8]); 3] = [
        ("name=\"tar\"; filename=\"s.tar\"", &tar.body),
        ("name=\"id\"", b"form"),
        ("name=\"override\"", over.as_bytes()),
    ];
    assert_detail(&expect(&server.post_parts("/v1/workspaces/load", &parts).await, 201), "form");
    let parts: [(&str, &[u8]); 2] = [parts[0], ("name=\"override\"", b"notjson")];
    assert!(server.post_parts("/v1/workspaces/load", &parts).await.detail().starts_with("override must be JSON"));
    let parts: [(&str, &[u8]); 1] = [("name=\"tar\"; filename=\"passwd\"", b"root:x:0:0")];
    assert!(server.post_parts("/v1/workspaces/load", &parts).await.detail().starts_with("load failed: "));
    let newest: [(&str, &[u8]); 2] = [
        ("name=\"request\"; filename=\"request.json\"", br#"{"id":"py7"}"#),
        ("name=\"snapshot\"; filename=\"x.tar\"", &tar.body),
    ];
    assert_detail(&expect(&server.post_parts("/v1/workspaces/load", &newest).await, 201), "py7");
}
