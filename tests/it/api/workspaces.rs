//! Creating, seeing, copying and deleting workspaces.

use super::{Server, demo_config};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_workspace_is_created_seen_listed_and_deleted() {
    let server = Server::start().await;
    server.demo().await;
    let minted = server
        .post("/v1/workspaces", json!({"config": {"mounts": {"/ro": {"resource": "ram", "mode": "read"}}}}))
        .await
        .json();
    assert!(minted["id"].as_str().unwrap().starts_with("ws_"), "{minted}");
    assert_eq!(minted["mode"], "read");

    let list = server.get("/v1/workspaces").await.json();
    assert_eq!((&list[0]["id"], &list[1]["id"]), (&"demo".into(), &minted["id"]));
    assert_eq!(list[0]["session_count"], 1);
    assert_eq!(list[0]["mount_count"], list[0]["mountCount"]);

    assert!(server.get("/v1/workspaces/demo").await.json()["internals"].is_null());
    server.sh("true").await;
    let internals = server.get("/v1/workspaces/demo?verbose=true").await.json()["internals"].clone();
    assert_eq!(internals["history_length"], 1);
    for (snake, camel) in [
        ("cache_bytes", "cacheBytes"),
        ("cache_entries", "cacheEntries"),
        ("history_length", "historyLength"),
        ("in_flight_jobs", "inFlightJobs"),
    ] {
        assert!(internals[snake].is_u64() && internals[snake] == internals[camel], "{internals}");
    }

    let deleted = server.delete("/v1/workspaces/demo").await;
    assert_eq!((deleted.status, &deleted.json()["id"]), (200, &"demo".into()));
    assert!(deleted.json()["closed_at"].is_f64());
    assert_eq!(server.get("/v1/workspaces/demo").await.detail(), "workspace not found");
    assert_eq!(server.delete("/v1/workspaces/demo").await.status, 404);
    assert_eq!(server.get("/v1/health").await.json()["workspaces"], 1);
}

#[tokio::test]
async fn a_taken_id_a_bad_id_and_a_bad_configuration_are_refused() {
    let server = Server::start().await;
    server.demo().await;
    let again = server.post("/v1/workspaces", json!({"id": "demo", "config": demo_config()})).await;
    assert_eq!((again.status, again.detail()), (409, "workspace id already exists: 'demo'".to_owned()));
    for id in ["..", "a/b", "load", ""] {
        let reply = server.post("/v1/workspaces", json!({"id": id, "config": demo_config()})).await;
        assert_eq!(reply.status, 400, "{id}: {reply:?}");
        assert!(reply.detail().contains("invalid workspace id"), "{}", reply.detail());
    }
    for (config, words) in [
        (json!({}), "config requires a `mounts` mapping"),
        (json!({"mounts": {"/d": {"resource": "nope"}}}), "unknown backend 'nope'"),
        (json!({"mounts": {"/d": {"resource": "disk"}}}), "`root`"),
        (json!({"mounts": {"/d": {"resource": "ram"}, "d/": {"resource": "ram"}}}), "/d/"),
    ] {
        let reply = server.post("/v1/workspaces", json!({"id": "bad", "config": config})).await;
        assert_eq!(reply.status, 400, "{reply:?}");
        assert!(reply.detail().contains(words), "{}", reply.detail());
    }
    assert_eq!(server.get("/v1/workspaces/bad").await.status, 404);
}

#[tokio::test]
async fn host_directories_are_closed_unless_the_owner_opens_them() {
    let server = Server::start().await;
    let config = json!({"mounts": {"/host": {"resource": "disk", "config": {"root": "/etc"}}}});
    let reply = server.post("/v1/workspaces", json!({"id": "host", "config": config})).await;
    assert_eq!((reply.status, &reply.json()["code"]), (403, &"refused_by_policy".into()), "{reply:?}");
    assert!(reply.detail().contains("disk_roots"), "{}", reply.detail());
}

#[tokio::test]
async fn a_clone_has_the_same_files_and_its_own_life() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("echo one > /data/f").await;
    let clone = server.post("/v1/workspaces/demo/clone", json!({"id": "copy"})).await;
    assert_eq!((clone.status, &clone.json()["id"]), (201, &"copy".into()), "{clone:?}");
    server.sh("echo two > /data/f").await;
    let read = server.post("/v1/workspaces/copy/execute", json!({"command": "cat /data/f"})).await;
    assert_eq!(read.json()["stdout"], "one\n");
    assert_eq!(server.post("/v1/workspaces/demo/clone", json!({"id": "copy"})).await.status, 409);
    assert_eq!(server.post("/v1/workspaces/none/clone", json!({})).await.status, 404);
}

#[tokio::test]
async fn both_routes_clone_and_an_override_replaces_a_mount_whole() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("echo one > /data/f; echo two > /g").await;
    for (id, key) in [("snake", "source_id"), ("camel", "sourceId")] {
        let clone = server.post("/v1/workspaces/clone", json!({key: "demo", "id": id, "at": null})).await;
        assert_eq!((clone.status, &clone.json()["id"]), (201, &id.into()), "{clone:?}");
    }
    let missing = server.post("/v1/workspaces/clone", json!({"sourceId": "none"})).await;
    assert_eq!((missing.status, missing.detail()), (404, "workspace not found".to_owned()));
    assert_eq!(server.post("/v1/workspaces/clone", json!({})).await.detail(), "missing field `source_id`");

    let other = json!({"mounts": {"data": {"resource": "ram", "mode": "read"}}});
    let clone = server.post("/v1/workspaces/demo/clone", json!({"id": "ro", "override": other})).await;
    assert_eq!((clone.status, &clone.json()["mounts"][0]["mode"]), (201, &"read".into()), "{clone:?}");
    let read = server.post("/v1/workspaces/ro/execute", json!({"command": "cat /data/f /g; echo x > /data/f"})).await;
    assert_eq!((&read.json()["stdout"], &read.json()["exit_code"]), (&"one\ntwo\n".into(), &1.into()));
    for (mounts, status, words) in [
        (json!({"/nope": {"resource": "ram"}}), 400, "has no mount at /nope/"),
        (json!({"/data": {"resource": "nope"}}), 400, "unknown backend 'nope'"),
        (json!({"/data": {"resource": "disk", "config": {"root": "/etc"}}}), 403, "disk_roots"),
    ] {
        let reply = server.post("/v1/workspaces/demo/clone", json!({"id": "x", "override": {"mounts": mounts}})).await;
        assert!(reply.status == status && reply.detail().contains(words), "{reply:?}");
    }
    assert_eq!(server.get("/v1/workspaces/x").await.status, 404);
}

#[tokio::test]
async fn the_same_workspace_again_is_there_for_clients_that_say_vfs_and_taken_for_others() {
    let server = Server::start().await;
    let config = |key: &str, mode: &str| json!({"mounts": {"/data": {key: "ram", "mode": mode}}});
    let create = async |config| server.post("/v1/workspaces", json!({"id": "w", "config": config})).await;
    assert_eq!(create(config("vfs", "write")).await.status, 201);
    let again = create(config("vfs", "write")).await;
    assert_eq!((again.status, &again.json()["id"]), (200, &"w".into()), "{again:?}");
    for other in [config("vfs", "read"), config("resource", "write")] {
        let taken = create(other).await;
        assert_eq!((taken.status, taken.detail()), (409, "workspace id already exists: 'w'".to_owned()));
    }
}

#[tokio::test]
async fn a_refresh_says_what_it_dropped_and_asks_are_empty() {
    let server = Server::start().await;
    server.demo().await;
    let path = "/v1/workspaces/demo/refresh";
    for (body, shown) in
        [(json!({}), "/"), (json!({"path": "/data/./x/"}), "/data/x"), (json!({"path": "data"}), "/data")]
    {
        let reply = server.post(path, body).await;
        let counts = json!({"id": "demo", "path": shown, "file_entries": 0, "fileEntries": 0, "index_entries": 0, "indexEntries": 0});
        assert_eq!((reply.status, reply.json()), (200, counts));
    }
    assert_eq!(server.send(Method::POST, path, &[], Vec::new()).await.status, 200, "the body is optional");
    assert_eq!(server.post(path, json!({"path": 5})).await.status, 400);
    assert_eq!(server.post("/v1/workspaces/none/refresh", json!({})).await.status, 404);

    assert_eq!(server.get("/v1/workspaces/demo/asks?all=true&session_id=s").await.json(), json!([]));
    let answer = json!({"answer": "allow", "scope": "once", "note": ""});
    let unknown = server.post("/v1/workspaces/demo/asks/A", answer).await;
    assert_eq!((unknown.status, unknown.detail()), (404, "ask not found".to_owned()));
    assert_eq!(server.get("/v1/workspaces/none/asks").await.status, 404);
}

#[tokio::test]
async fn a_closed_workspace_is_out_of_the_way_but_not_gone() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    server.sh("echo kept > /data/f").await;
    let job = server.background("while :; do :; done").await;
    let close = async |server: &Server| server.send(Method::POST, "/v1/workspaces/demo/close", &[], Vec::new()).await;
    let closed = close(&server).await;
    assert_eq!((closed.status, &closed.json()["id"]), (200, &"demo".into()), "{closed:?}");
    assert_eq!(closed.json()["closed_at"], closed.json()["closedAt"]);
    assert_eq!(server.job(&job).await["status"], "canceled");
    assert_eq!(server.get("/v1/workspaces/demo").await.status, 404);
    assert_eq!(close(&server).await.status, 404);
    assert_eq!(server.get("/v1/workspaces").await.json(), json!([]));
    let other = json!({"id": "demo", "config": {"mounts": {}}});
    assert_eq!(server.post("/v1/workspaces", other).await.detail(), "workspace id already exists: 'demo'");

    server.demo().await;
    assert_eq!(server.sh("cat /data/f; echo more >> /data/f").await, "kept\n");
    assert_eq!(close(&server).await.status, 200);
    server.kill().await;
    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.sh("cat /data/f").await, "kept\nmore\n");
    assert_eq!(close(&server).await.status, 200);
    assert_eq!(server.delete("/v1/workspaces/demo").await.status, 200, "what is closed can be deleted");
    server.kill().await;
    assert_eq!(Server::kept_in(dir.path()).await.get("/v1/workspaces/demo").await.status, 404);
}

#[tokio::test]
async fn what_the_owner_denies_is_refused_with_the_rule() {
    let server = Server::with(|_, engine| engine.policy.denied_operations = vec!["workspaces.delete".to_owned()]).await;
    server.demo().await;
    let refused = server.delete("/v1/workspaces/demo").await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &"refused_by_policy".into()));
    assert!(refused.detail().contains("workspaces.delete"), "{}", refused.detail());
    assert_eq!(server.get("/v1/workspaces/demo").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_create_to_use_may_all_create_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    let create = |block: &str| {
        let body = json!({ "id": "shared", "config": { "mounts": { "/data": { block: "ram" } } } });
        futures_util::future::join_all((0..50).map(|_| server.post("/v1/workspaces", body.clone())).collect::<Vec<_>>())
    };
    let mut statuses: Vec<u16> = create("vfs").await.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[48], statuses[49]), (200, 200, 201));
    assert!(create("resource").await.iter().all(|reply| reply.status == 409));

    // A closed one comes back once, whoever asks.
    for round in 0..3 {
        assert_eq!(server.post("/v1/workspaces/shared/close", json!({})).await.status, 200, "{round}");
        let mut statuses: Vec<u16> = create("resource").await.iter().map(|reply| reply.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[1], statuses[49]), (201, 409, 409), "{statuses:?}");
    }
}
