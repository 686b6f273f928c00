//! Workspaces as archives, out and in.

use super::Server;
use reqwest::Method;
use serde_json::json;
use std::io::{Read as _, Write as _};
use waypost::base::sha256_hex;
use waypost::workspace::{Options, Workspaces};

const TAR: (&str, &str) = ("content-type", "application/x-tar");

#[tokio::test]
async fn a_snapshot_loads_elsewhere_with_equal_bytes_and_sessions() {
    let server = Server::start().await;
    server.demo().await;
    let binary: Vec<u8> = (0..300_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let request = br#"{"command":"mkdir -p /data/deep/er; cat > /data/deep/er/blob.bin; printf '' > '/data/an empty file'; cd /data"}"#;
    server
        .post_parts("/v1/workspaces/demo/execute", &[("name=\"request\"", request), ("name=\"stdin\"", &binary)])
        .await;
    let archive = server.get("/v1/workspaces/demo/snapshot").await;
    assert_eq!((archive.status, archive.header("content-type")), (200, "application/x-tar"));
    assert_eq!(archive.header("content-disposition"), "attachment; filename=\"demo.tar\"");
    let names: Vec<_> = tar::Archive::new(&archive.body[..])
        .entries()
        .unwrap()
        .map(|entry| entry.unwrap().path().unwrap().display().to_string())
        .collect();
    assert_eq!(names[0], "manifest.json");
    assert!(names.iter().any(|name| name.ends_with("deep/er/blob.bin")), "{names:?}");

    let elsewhere = Server::start().await;
    let loaded = elsewhere
        .post_parts(
            "/v1/workspaces/load",
            &[("name=\"tar\"; filename=\"demo.tar\"", &archive.body), ("name=\"id\"", b"demo")],
        )
        .await;
    assert_eq!((loaded.status, &loaded.json()["id"]), (201, &"demo".into()), "{loaded:?}");
    assert_eq!(loaded.json()["sessions"][0]["cwd"], "/data");
    let sum = elsewhere.sh("sha256sum < /data/deep/er/blob.bin; ls /data").await;
    assert!(sum.starts_with(&sha256_hex(&binary)) && sum.contains("an empty file"), "{sum}");
    assert_eq!(elsewhere.get("/v1/workspaces/demo/snapshot").await.status, 200);

    let taken = elsewhere.send(Method::POST, "/v1/workspaces/load?id=demo", &[TAR], archive.body.clone()).await;
    assert_eq!((taken.status, taken.detail()), (409, "workspace id already exists: 'demo'".to_owned()));
    let minted = elsewhere.send(Method::POST, "/v1/workspaces/load", &[TAR], archive.body).await;
    assert!(minted.json()["id"].as_str().unwrap().starts_with("ws_"), "{minted:?}");
    assert_eq!(server.get("/v1/workspaces/none/snapshot").await.status, 404);
}

#[tokio::test]
async fn a_snapshot_that_breaks_off_is_never_taken_for_whole() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let file = std::fs::File::create(root.join("large.bin")).unwrap();
    file.set_len(64 << 20).unwrap();
    let options = Options { disk_roots: vec![root.clone()], ..Options::default() };
    let workspaces = Workspaces::open(None, options).await.unwrap();
    let server = Server::of(workspaces, |_, engine| engine.policy.disk_roots = vec![root.clone()]).await;
    let config = json!({"mounts": {"/host": {"resource": "disk", "config": {"root": root}}}});
    let created = server.post("/v1/workspaces", json!({"id": "demo", "config": config})).await;
    assert_eq!(created.status, 201, "{created:?}");

    let url = format!("{}/v1/workspaces/demo/snapshot", server.url);
    let mut response = server.client.get(url).send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    file.set_len(0).unwrap();
    let end = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(end.is_err(), "the archive ended as if it were whole");
    assert_eq!(server.get("/v1/health").await.status, 200);
}

#[tokio::test]
async fn any_tar_becomes_files_at_a_mount() {
    let server = Server::start().await;
    let archive = tar_of(&[("src/main.rs", b"fn main() {}\n"), ("README", b"hi\n")]);
    let loaded = server.send(Method::POST, "/v1/workspaces/load?id=demo&mount=/code", &[TAR], archive.clone()).await;
    assert_eq!(loaded.status, 201, "{loaded:?}");
    assert_eq!(
        server.sh("cat /code/src/main.rs /code/README; echo ok > /tmp/x; cat /tmp/x").await,
        "fn main() {}\nhi\nok\n"
    );
    // However the prefix is written, the files are at the mount that it names.
    let path = "/v1/workspaces/load?id=odd&mount=a//b/";
    assert_eq!(server.send(Method::POST, path, &[TAR], archive.clone()).await.status, 201);
    let read = server.post("/v1/workspaces/odd/execute", json!({"command": "cat /a/b/README"})).await.json();
    assert_eq!(read["stdout"], "hi\n", "{read}");
    let at_root = server.send(Method::POST, "/v1/workspaces/load?id=root", &[TAR], archive).await;
    assert_eq!(at_root.status, 201, "{at_root:?}");
    let read = server.post("/v1/workspaces/root/execute", json!({"command": "cat /README; cd ~ && pwd"})).await.json();
    assert_eq!(read["stdout"], "hi\n/home/user\n", "{read}");
}

#[tokio::test]
async fn an_override_replaces_a_mount_and_must_name_one() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("echo kept > /data/f").await;
    let archive = server.get("/v1/workspaces/demo/snapshot").await.body;
    let load = async |id: &'static str, over: &[u8]| {
        let parts: [(&str, &[u8]); 3] =
            [("name=\"tar\"", &archive), ("name=\"id\"", id.as_bytes()), ("name=\"override\"", over)];
        server.post_parts("/v1/workspaces/load", &parts).await
    };
    let read_only = load("ro", br#"{"mounts":{"/data":{"resource":"ram","mode":"read"}}}"#).await;
    assert_eq!(read_only.status, 201, "{read_only:?}");
    assert_eq!(read_only.json()["mounts"][0]["mode"], "read");
    let unknown = load("x", br#"{"mounts":{"/nope":{"resource":"ram"}}}"#).await;
    assert!(unknown.status == 400 && unknown.detail().contains("/nope/"), "{unknown:?}");
    let disk = load("x", br#"{"mounts":{"/data":{"resource":"disk","config":{"root":"/etc"}}}}"#).await;
    assert_eq!(disk.status, 403, "{disk:?}");
    let no_json = load("x", b"{").await;
    assert!(no_json.detail().starts_with("override must be JSON"), "{}", no_json.detail());
    assert_eq!(server.get("/v1/workspaces/x").await.status, 404);
}

#[tokio::test]
async fn hostile_and_broken_archives_create_nothing() {
    let server = Server::start().await;
    let mut escaping = tar_of(&[("harmless", b"x"), ("AAAAAAAAAA", b"evil")]);
    rename(&mut escaping, b"AAAAAAAAAA", b"../../evil");
    let mut cut = tar_of(&[("file", &[7; 5000])]);
    cut.truncate(2000);
    for (what, archive) in [
        ("escape", escaping),
        ("garbage", b"this is no archive at all".repeat(100)),
        ("cut", cut),
        ("empty", Vec::new()),
        ("xz", b"\xfd7zXZ\0".to_vec()),
    ] {
        let reply = server.send(Method::POST, "/v1/workspaces/load?id=evil", &[TAR], archive).await;
        assert_eq!(reply.status, 400, "{what}: {reply:?}");
        assert!(reply.detail().starts_with("load failed: "), "{what}: {}", reply.detail());
        assert_eq!(server.get("/v1/workspaces").await.json(), json!([]), "{what}");
    }
    let missing = server.post_parts("/v1/workspaces/load", &[("name=\"id\"", b"x")]).await;
    assert!(missing.status == 400 && missing.detail().contains("'tar'"), "{missing:?}");
    let text = server.send(Method::POST, "/v1/workspaces/load", &[("content-type", "text/plain")], b"x".into()).await;
    assert_eq!(text.status, 415);
}

#[tokio::test]
async fn compressed_archives_load_and_bombs_do_not() {
    let server = Server::start().await;
    let archive = tar_of(&[("f", b"hi\n")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&archive).unwrap();
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip2.write_all(&archive).unwrap();
    let gzip = gzip.finish().unwrap();
    for (id, packed) in [("gz", &gzip), ("bz", &bzip2.finish().unwrap())] {
        let path = format!("/v1/workspaces/load?id={id}");
        let loaded = server.send(Method::POST, &path, &[TAR], packed.clone()).await;
        assert_eq!(loaded.status, 201, "{id}: {loaded:?}");
        let read = server.post(&format!("/v1/workspaces/{id}/execute"), json!({"command": "cat /f"})).await;
        assert_eq!(read.json()["stdout"], "hi\n");
    }
    let mut twice = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    twice.write_all(&gzip).unwrap();
    let cut = gzip[..gzip.len() - 20].to_vec();
    for (what, packed) in [("twice", twice.finish().unwrap()), ("cut", cut)] {
        let refused = server.send(Method::POST, "/v1/workspaces/load?id=x", &[TAR], packed).await;
        assert_eq!(refused.status, 400, "{what}: {refused:?}");
        assert!(refused.detail().starts_with("load failed: "), "{what}: {}", refused.detail());
    }
    let small = Server::with(|_, engine| engine.load_limits.max_bytes = 1000).await;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    bomb.write_all(&tar_of(&[("zeros", &[0; 1 << 20])])).unwrap();
    let refused = small.send(Method::POST, "/v1/workspaces/load", &[TAR], bomb.finish().unwrap()).await;
    assert_eq!(refused.status, 413, "{refused:?}");
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, mut bytes) in files.iter().copied() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, bytes.by_ref()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// Gives a member a name that no honest builder would, and its header the checksum for it.
fn rename(archive: &mut [u8], from: &[u8], to: &[u8]) {
    let at = archive.windows(from.len()).position(|window| window == from).unwrap();
    archive[at..at + to.len()].copy_from_slice(to);
    archive[at + 148..at + 156].copy_from_slice(b"        ");
    let sum: u32 = archive[at..at + 512].iter().map(|byte| u32::from(*byte)).sum();
    archive[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
