//! Archives on the node's own host: written to and read from the directories that its owner opened, and nowhere else.

use super::Server;
use serde_json::json;
use std::path::Path;

async fn with_roots(roots: &[&Path]) -> Server {
    let roots = roots.iter().map(|root| root.to_path_buf()).collect();
    let server = Server::with(|_, engine| engine.policy.snapshot_roots = roots).await;
    server.demo().await;
    server.sh("echo hello > /data/hello.txt").await;
    server
}

#[tokio::test]
async fn a_snapshot_is_written_listed_by_tar_and_loaded_by_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let server = with_roots(&[&root]).await;
    for (given, file) in [("./demo.tar", root.join("demo.tar")), ("sub/deep/demo.tar", root.join("sub/deep/demo.tar"))]
    {
        let written = server.post("/v1/workspaces/demo/snapshot", json!({ "path": given })).await;
        let size = std::fs::metadata(&file).unwrap().len();
        assert_eq!((written.status, written.json()), (200, json!({"id": "demo", "path": file, "size": size})));
        let names: Vec<_> = tar::Archive::new(std::fs::File::open(&file).unwrap())
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        assert_eq!(names[0], "manifest.json");
        assert!(names.iter().any(|name| name.ends_with("hello.txt")), "{names:?}");
    }
    let absolute = root.join("sub/deep/demo.tar");
    for (id, path) in [("relative", json!("demo.tar")), ("absolute", json!(absolute))] {
        let loaded = server.post("/v1/workspaces/load", json!({"path": path, "id": id, "override": null})).await;
        assert_eq!((loaded.status, &loaded.json()["id"]), (201, &id.into()), "{loaded:?}");
        let read =
            server.post(&format!("/v1/workspaces/{id}/execute"), json!({"command": "cat /data/hello.txt"})).await;
        assert_eq!(read.json()["stdout"], "hello\n");
    }
    let again = server.post("/v1/workspaces/demo/snapshot", json!({"path": "demo.tar"})).await;
    assert_eq!(again.status, 200, "an archive is replaced by a newer one: {again:?}");
    let taken = server.post("/v1/workspaces/load", json!({"path": "demo.tar", "id": "demo"})).await;
    assert_eq!((taken.status, taken.detail()), (409, "workspace id already exists: 'demo'".to_owned()));
}

#[tokio::test]
async fn paths_elsewhere_and_things_that_are_no_archive_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let base = dir.path().canonicalize().unwrap();
    let root = base.join("root");
    std::fs::create_dir_all(root.join("dir")).unwrap();
    std::fs::write(root.join("notes.txt"), "mine, and no tar").unwrap();
    std::fs::write(base.join("secret.tar"), "x").unwrap();
    let server = with_roots(&[&root]).await;
    for (path, status, words) in [
        ("../zz.tar", 400, "path escapes the configured root: ../zz.tar"),
        ("/elsewhere/zz.tar", 400, "path escapes the configured root: /elsewhere/zz.tar"),
        ("dir", 400, "path is a directory: dir"),
        ("notes.txt/x.tar", 400, "notes.txt/x.tar: Not a directory"),
        ("notes.txt", 409, "notes.txt exists and is not an archive: it is kept"),
    ] {
        let reply = server.post("/v1/workspaces/demo/snapshot", json!({ "path": path })).await;
        assert_eq!((reply.status, reply.detail()), (status, words.to_owned()), "{path}");
    }
    assert_eq!(std::fs::read_to_string(root.join("notes.txt")).unwrap(), "mine, and no tar");
    assert_eq!(std::fs::read_dir(&base).unwrap().count(), 2, "something was written outside");
    for (path, words) in [
        ("nope.tar", "snapshot not found: nope.tar"),
        ("../secret.tar", "path escapes the configured root: ../secret.tar"),
        ("dir", "path is a directory: dir"),
    ] {
        let reply = server.post("/v1/workspaces/load", json!({ "path": path })).await;
        assert_eq!((reply.status, reply.detail()), (400, words.to_owned()), "{path}");
    }
    let no_tar = server.post("/v1/workspaces/load", json!({"path": "notes.txt"})).await;
    assert!(no_tar.status == 400 && no_tar.detail().starts_with("load failed: "), "{no_tar:?}");
}

#[tokio::test]
async fn a_request_that_names_no_place_or_a_store_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = with_roots(&[dir.path()]).await;
    for path in ["/v1/workspaces/demo/snapshot", "/v1/workspaces/load"] {
        for (body, words) in [
            (json!({}), "path is required"),
            (json!({"path": null}), "path is required"),
            (json!({"key": "k"}), "this server has no snapshot store"),
        ] {
            let reply = server.post(path, body.clone()).await;
            assert_eq!((reply.status, reply.detail()), (400, words.to_owned()), "{path} {body}");
        }
    }
    let unknown = server.post("/v1/workspaces/none/snapshot", json!({"path": "x.tar"})).await;
    assert_eq!((unknown.status, unknown.detail()), (404, "workspace not found".to_owned()));
}

#[tokio::test]
async fn paths_are_closed_unless_the_owner_opens_a_directory() {
    let server = Server::start().await;
    server.demo().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.tar");
    for reply in [
        server.post("/v1/workspaces/demo/snapshot", json!({ "path": path })).await,
        server.post("/v1/workspaces/load", json!({ "path": path })).await,
    ] {
        assert_eq!((reply.status, &reply.json()["code"]), (403, &"refused_by_policy".into()), "{reply:?}");
        assert!(reply.detail().contains("snapshot_roots") && reply.json()["hint"].is_string());
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
