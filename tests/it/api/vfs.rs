//! Direct file calls: every call, every kind of error, and what is kept of them.

use super::{Reply, Server};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use waypost::workspace::{Options, Workspaces};

impl Server {
    async fn vfs(&self, call: &str, body: Value) -> Reply {
        self.post(&format!("/v1/workspaces/demo/vfs/{call}"), body).await
    }

    /// A call that works, and its answer.
    async fn did(&self, call: &str, body: Value) -> Value {
        let reply = self.vfs(call, body.clone()).await;
        assert_eq!(reply.status, 200, "{call} {body}: {reply:?}");
        reply.json()
    }

    /// A call that fails, and how: `(status, errno, code)`.
    async fn fails(&self, call: &str, body: Value) -> (u16, String, String) {
        let reply = self.vfs(call, body.clone()).await;
        assert!(reply.status >= 400 && !reply.detail().is_empty(), "{call} {body}: {reply:?}");
        let text = |name: &str| reply.json()[name].as_str().unwrap_or_default().to_owned();
        (reply.status, text("errno"), text("code"))
    }

    async fn write(&self, path: &str, content: &[u8]) {
        let written = self.did("write", json!({"path": path, "data_base64": STANDARD.encode(content)})).await;
        assert_eq!(written, json!({}));
    }

    async fn read(&self, path: &str) -> Vec<u8> {
        let read = self.did("read", json!({"path": path})).await;
        STANDARD.decode(read["data_base64"].as_str().unwrap()).unwrap()
    }
}

/// `/data` may be changed, `/ro` not; there is one file in `/ro`, and `/other` is there to be narrowed away.
async fn mounted(server: &Server) {
    let config = json!({"mounts": {
        "/data": {"type": "ram"},
        "/ro": {"type": "ram", "mode": "read"},
        "/other": {"type": "ram"},
    }, "mode": "write"});
    let created = server.post("/v1/workspaces", json!({"id": "demo", "config": config})).await;
    assert_eq!(created.status, 201, "{created:?}");
}

/// `demo` with one mount: a host directory.
async fn on_disk(prefix: &str, root: &Path, mode: &str) -> Server {
    let options = Options { disk_roots: vec![root.to_owned()], ..Options::default() };
    let workspaces = Workspaces::open(None, options).await.unwrap();
    let server = Server::of(workspaces, |_, engine| engine.policy.disk_roots = vec![root.to_owned()]).await;
    let config = json!({"mounts": {prefix: {"type": "disk", "mode": mode, "config": {"root": root}}}});
    let created = server.post("/v1/workspaces", json!({"id": "demo", "config": config})).await;
    assert_eq!(created.status, 201, "{created:?}");
    server
}

fn error(status: u16, errno: &str, code: &str) -> (u16, String, String) {
    (status, errno.to_owned(), code.to_owned())
}

#[tokio::test]
async fn bytes_are_written_and_read_as_they_are() {
    let server = Server::start().await;
    server.demo().await;
    let all: Vec<u8> = (0..=255).collect();
    server.write("/data/a", &all).await;
    assert_eq!(server.read("/data/a").await, all);
    let part = server.did("read", json!({"path": "/data/a", "offset": 1, "size": 2})).await;
    assert_eq!(part, json!({"data_base64": STANDARD.encode([1, 2])}));
    for (offset, size) in [(256, 5), (9_000_000_000_000_u64, 1), (0, 0)] {
        let none = server.did("read", json!({"path": "/data/a", "offset": offset, "size": size})).await;
        assert_eq!(none, json!({"data_base64": ""}), "{offset} {size}");
    }
    server.write("/data/a", b"hi").await;
    assert_eq!(server.did("append", json!({"path": "/data/a", "data_base64": "IQ=="})).await, json!({}));
    assert_eq!(server.did("pwrite", json!({"path": "/data/a", "offset": 1, "data_base64": "by4="})).await, json!({}));
    assert_eq!(server.read("/data/a").await, b"ho.");
    server.did("pwrite", json!({"path": "/data/a", "offset": 5, "data_base64": "eA=="})).await;
    assert_eq!(server.read("/data/a").await, b"ho.\0\0x");
    assert_eq!(server.did("truncate", json!({"path": "/data/a", "length": 1})).await, json!({}));
    server.did("truncate", json!({"path": "/data/a", "length": 3})).await;
    assert_eq!(server.read("/data/a").await, b"h\0\0");
    server.did("append", json!({"path": "/data/new", "data_base64": "bg=="})).await;
    assert_eq!(server.sh("cat /data/new").await, "n");
    // Both spellings of a name.
    server.did("write", json!({"path": "/data/new", "dataBase64": "Mg=="})).await;
    assert_eq!(server.read("/data/new").await, b"2");
}

#[tokio::test]
async fn a_stream_is_the_file_s_bytes_and_nothing_else() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("seq 1 100000 > /data/long").await;
    let stream = server.vfs("read_stream", json!({"path": "/data/long"})).await;
    assert_eq!((stream.status, stream.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(stream.header("content-disposition"), "");
    let wanted: String = (1..=100_000).map(|number| format!("{number}\n")).collect();
    assert!(stream.body == wanted.as_bytes(), "{} bytes", stream.body.len());
    server.did("create", json!({"path": "/data/empty"})).await;
    assert!(server.vfs("read_stream", json!({"path": "/data/empty"})).await.body.is_empty());
    // What is wrong is known before the first byte.
    assert_eq!(server.fails("read_stream", json!({"path": "/data/no"})).await, error(404, "ENOENT", "file_not_found"));
    assert_eq!(server.fails("read_stream", json!({"path": "/data"})).await, error(400, "EISDIR", "file_error"));
}

#[tokio::test]
async fn what_is_there_is_told() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("mkdir -p /data/d/e; echo hello > /data/d/f; echo > /data/d/.h; ln -s f /data/d/l").await;
    server.did("setattr", json!({"path": "/data/d/f", "mtime": "2026-11-20T04:01:42.5Z"})).await;
    let stat = server.did("stat", json!({"path": "/data/d/f"})).await["stat"].clone();
    let dev = stat["dev"].as_u64().unwrap();
    let wanted = json!({"name": "f", "size": 6, "modified": "2026-11-20T04:01:42.500000Z", "fingerprint": null,
        "revision": null, "type": "file", "content": "binary", "mode": 0o644, "uid": 0, "gid": 0, "atime": null,
        "ctime": null, "birthtime": null, "dev": dev});
    assert_eq!(stat, wanted);
    let link = server.did("stat", json!({"path": "/data/d/l", "nofollow": true})).await["stat"].clone();
    assert_eq!((&link["type"], &link["size"], &link["name"]), (&json!("symlink"), &json!(1), &json!("l")));
    let in_query = server.vfs("stat?nofollow=true", json!({"path": "/data/d/l"})).await.json();
    assert_eq!(in_query["stat"], link);
    let followed = server.did("stat", json!({"path": "/data/d/l"})).await["stat"].clone();
    assert_eq!((&followed["type"], &followed["dev"]), (&json!("file"), &json!(dev)));
    let root = server.did("stat", json!({"path": "/"})).await["stat"].clone();
    assert_eq!((&root["name"], &root["type"], &root["content"]), (&json!("/"), &json!("directory"), &Value::Null));
    assert_ne!(root["dev"], json!(dev));
    let entries = json!({"entries": ["/data/d/.h", "/data/d/e", "/data/d/f", "/data/d/l"]});
    for path in ["/data/d", "/data/d/", "//data/./d", "/data/d/e/.."] {
        assert_eq!(server.did("readdir", json!({ "path": path })).await, entries, "{path}");
    }
    assert_eq!(server.did("list_files", json!({"path": "/data/d"})).await, json!({"files": [".h", "f", "l"]}));
    for (path, exists, is_dir, is_file) in [
        ("/data/d/f", true, false, true),
        ("/data/d/l", true, false, true),
        ("/data/d", true, true, false),
        ("/", true, true, false),
        ("/data/no", false, false, false),
        ("/data/d/f/x", false, false, false),
        ("/data/d/f/", false, false, false),
    ] {
        let path = json!({ "path": path });
        assert_eq!(server.did("exists", path.clone()).await, json!({ "exists": exists }), "{path}");
        assert_eq!(server.did("is_dir", path.clone()).await, json!({ "is_dir": is_dir }), "{path}");
        assert_eq!(server.did("is_file", path.clone()).await, json!({ "is_file": is_file }), "{path}");
    }
}

#[tokio::test]
async fn names_are_made_moved_and_taken_away() {
    let server = Server::start().await;
    server.demo().await;
    let none = json!({});
    assert_eq!(server.did("create", json!({"path": "/data/f"})).await, none);
    assert_eq!(server.did("mkdir", json!({"path": "/data/d/"})).await, none);
    assert_eq!(server.did("rename", json!({"src": "/data/f", "dst": "/data/d/g"})).await, none);
    assert_eq!(server.fails("rmdir", json!({"path": "/data/d"})).await, error(409, "ENOTEMPTY", "file_conflict"));
    assert_eq!(server.did("rename", json!({"src": "/data/d", "dst": "/data/e/"})).await, none);
    assert_eq!(server.sh("ls /data /data/e").await, "/data:\ne\n\n/data/e:\ng\n");
    assert_eq!(server.did("unlink", json!({"path": "/data/e/g"})).await, none);
    assert_eq!(server.did("rmdir", json!({"path": "/data/e/"})).await, none);
    assert_eq!(server.did("readdir", json!({"path": "/data"})).await, json!({"entries": []}));
}

#[tokio::test]
async fn links_are_followed_within_the_namespace_and_not_in_circles() {
    let server = Server::start().await;
    mounted(&server).await;
    server.sh("mkdir /data/d; echo 1 > /data/d/f; ln -s /data/d /other/to").await;
    let link = |path: &str, target: &str| json!({"path": path, "target": target});
    assert_eq!(server.did("symlink", link("/data/l", "d/f")).await, json!({}));
    assert_eq!(server.did("readlink", json!({"path": "/data/l"})).await, json!({"target": "d/f"}));
    assert_eq!(server.read("/data/l").await, b"1\n");
    assert_eq!(server.read("/other/to/f").await, b"1\n");
    assert_eq!(server.read("/other/to/../l").await, b"1\n");
    let entries = server.did("readdir", json!({"path": "/other/to"})).await;
    assert_eq!(entries, json!({"entries": ["/other/to/f"]}));
    // Writing goes through a link, also through one to what is not there yet; unlinking takes the link.
    server.did("symlink", link("/data/dangling", "d/new")).await;
    server.write("/data/dangling", b"2").await;
    assert_eq!(server.read("/data/d/new").await, b"2");
    server.write("/other/to/third", b"3").await;
    assert_eq!(server.read("/data/d/third").await, b"3");
    server.did("unlink", json!({"path": "/data/dangling"})).await;
    assert_eq!(server.read("/data/d/new").await, b"2");
    server.did("symlink", link("/data/one", "two")).await;
    server.did("symlink", link("/data/two", "one")).await;
    for call in ["read", "stat", "readdir", "read_stream"] {
        assert_eq!(
            server.fails(call, json!({"path": "/data/one/x"})).await,
            error(400, "ELOOP", "file_error"),
            "{call}"
        );
    }
    assert_eq!(server.did("exists", json!({"path": "/data/one"})).await, json!({"exists": false}));
    let itself = server.did("stat", json!({"path": "/data/one", "nofollow": true})).await;
    assert_eq!(itself["stat"]["type"], "symlink");
    assert_eq!(server.fails("symlink", link("/data/l", "x")).await, error(409, "EEXIST", "file_conflict"));
    assert_eq!(server.fails("readlink", json!({"path": "/data/d"})).await, error(400, "EINVAL", "file_error"));
    assert_eq!(server.fails("symlink", link("/data/x", "")).await, error(404, "ENOENT", "file_not_found"));
    // A directory that is a link is taken away as a link, and is no directory for rmdir.
    assert_eq!(server.fails("rmdir", json!({"path": "/other/to"})).await, error(400, "ENOTDIR", "file_error"));
}

#[tokio::test]
async fn attributes_are_set_as_far_as_there_are_any() {
    let server = Server::start().await;
    server.demo().await;
    server.write("/data/a", b"x").await;
    let changed = json!({"changed": {}});
    assert_eq!(server.did("setattr", json!({"path": "/data/a", "mode": 0o640})).await, changed);
    assert_eq!(
        server.did("setattr", json!({"path": "/data/a", "mode": 0o100_600, "uid": 0, "gid": "root"})).await,
        changed
    );
    assert_eq!(server.did("setattr", json!({"path": "/data/a", "mtime": 1.5, "atime": "7"})).await, changed);
    let stat = server.did("stat", json!({"path": "/data/a"})).await["stat"].clone();
    assert_eq!((&stat["mode"], &stat["modified"]), (&json!(0o600), &json!("1970-01-01T00:00:01.500000Z")));
    for owner in [json!({"path": "/data/a", "uid": 1000}), json!({"path": "/data/a", "gid": "wheel", "mode": 0})] {
        assert_eq!(server.fails("setattr", owner).await, error(403, "EPERM", "file_forbidden"));
    }
    assert_eq!(server.did("stat", json!({"path": "/data/a"})).await["stat"]["mode"], 0o600);
    for time in [json!("yesterday"), json!(-1), json!("1969-01-01T00:00:00Z"), json!(1e300)] {
        let reply = server.vfs("setattr", json!({"path": "/data/a", "mtime": time})).await;
        assert!(reply.status == 400 && reply.detail().contains("'mtime'"), "{time}: {reply:?}");
    }
    server.did("symlink", json!({"path": "/data/l", "target": "a"})).await;
    let itself = json!({"path": "/data/l", "mode": 0, "nofollow": true});
    assert_eq!(server.fails("setattr", itself).await, error(400, "ENOTSUP", "file_error"));
    assert_eq!(server.fails("setattr", json!({"path": "/data/no", "uid": 5})).await.1, "ENOENT");

    assert_eq!(server.did("listxattr", json!({"path": "/data/a"})).await, json!({"names": []}));
    let name = json!({"path": "/data/a", "name": "user.k"});
    let value = json!({"path": "/data/a", "name": "user.k", "value_base64": "dg==", "create": true});
    for (call, body) in [("getxattr", name.clone()), ("removexattr", name), ("setxattr", value)] {
        assert_eq!(server.fails(call, body).await, error(400, "ENOTSUP", "file_error"), "{call}");
    }
    assert_eq!(server.fails("listxattr", json!({"path": "/data/no"})).await.1, "ENOENT");
    assert_eq!(server.fails("getxattr", json!({"path": "/data/no", "name": "x"})).await.1, "ENOENT");
}

#[tokio::test]
async fn errors_have_the_status_and_the_name_of_what_is_wrong() {
    let server = Server::start().await;
    mounted(&server).await;
    server.sh("mkdir -p /data/d/e; echo 1 > /data/f").await;
    let path = |path: &str| json!({ "path": path });
    let data = |path: &str| json!({"path": path, "data_base64": ""});
    let at = |path: &str, offset: u64| json!({"path": path, "data_base64": "eA==", "offset": offset});
    let rename = |src: &str, dst: &str| json!({"src": src, "dst": dst});
    for (call, body, status, errno) in [
        ("read", path("/data/nope"), 404, "ENOENT"),
        ("read", path(""), 404, "ENOENT"),
        ("read", path("/data"), 400, "EISDIR"),
        ("read", path("/data/f/x"), 400, "ENOTDIR"),
        ("read", path("/data/f/../f"), 400, "ENOTDIR"),
        ("read", path("/data/f/"), 400, "ENOTDIR"),
        ("write", data("/data"), 400, "EISDIR"),
        ("write", data("/data/no/f"), 404, "ENOENT"),
        ("write", data("/"), 400, "EISDIR"),
        ("pwrite", at("/data/nope", 0), 404, "ENOENT"),
        ("pwrite", at("/data/f", u64::MAX), 400, "EFBIG"),
        ("truncate", json!({"path": "/data/f", "length": u64::MAX}), 400, "EFBIG"),
        ("truncate", json!({"path": "/data/d", "length": 0}), 400, "EISDIR"),
        ("readdir", path("/data/f"), 400, "ENOTDIR"),
        ("readdir", path("/data/nope"), 404, "ENOENT"),
        ("list_files", path("/data/nope"), 404, "ENOENT"),
        ("stat", path("/data/nope"), 404, "ENOENT"),
        ("mkdir", path("/data"), 409, "EEXIST"),
        ("mkdir", path("/data/f"), 409, "EEXIST"),
        ("mkdir", path("/data/a/b"), 404, "ENOENT"),
        ("create", path("/data/f"), 409, "EEXIST"),
        ("rmdir", path("/data/d"), 409, "ENOTEMPTY"),
        ("rmdir", path("/data"), 409, "EBUSY"),
        ("rmdir", path("/data/f"), 400, "ENOTDIR"),
        ("rmdir", path("/data/nope"), 404, "ENOENT"),
        ("unlink", path("/data/d"), 400, "EISDIR"),
        ("unlink", path("/data/nope"), 404, "ENOENT"),
        ("rename", rename("/data/nope", "/data/x"), 404, "ENOENT"),
        ("rename", rename("/data/f", "/other/f"), 400, "EXDEV"),
        ("rename", rename("/data/d", "/data/d/e/x"), 400, "EINVAL"),
        ("rename", rename("/data/f", "/data/d"), 400, "EISDIR"),
        ("rename", rename("/data", "/x"), 400, "EXDEV"),
        ("readlink", path("/data/nope"), 404, "ENOENT"),
    ] {
        let (got_status, got_errno, _) = server.fails(call, body.clone()).await;
        assert_eq!((got_status, got_errno.as_str()), (status, errno), "{call} {body}");
    }
    let reply = server.vfs("read", path("/data/nope")).await;
    assert_eq!(reply.detail(), "No such file or directory");
    assert!(reply.json()["hint"].as_str().unwrap().contains("/data/nope"), "{reply:?}");
    assert_eq!(server.sh("cat /data/f; find /data | sort").await, "1\n/data\n/data/d\n/data/d/e\n/data/f\n");
}

#[tokio::test]
async fn a_read_only_mount_is_read_only_for_every_call() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("f"), "kept").unwrap();
    std::fs::create_dir(dir.path().join("d")).unwrap();
    let server = on_disk("/ro", dir.path(), "read").await;
    assert_eq!(server.read("/ro/f").await, b"kept");
    for (call, body) in [
        ("write", json!({"path": "/ro/f", "data_base64": ""})),
        ("write", json!({"path": "/ro/new", "data_base64": ""})),
        ("append", json!({"path": "/ro/f", "data_base64": "eA=="})),
        ("pwrite", json!({"path": "/ro/f", "data_base64": "eA==", "offset": 0})),
        ("truncate", json!({"path": "/ro/f", "length": 0})),
        ("create", json!({"path": "/ro/new"})),
        ("mkdir", json!({"path": "/ro/new"})),
        ("rmdir", json!({"path": "/ro/d"})),
        ("unlink", json!({"path": "/ro/f"})),
        ("rename", json!({"src": "/ro/f", "dst": "/ro/g"})),
        ("symlink", json!({"path": "/ro/l", "target": "f"})),
        ("setattr", json!({"path": "/ro/f", "mode": 0})),
        ("setattr", json!({"path": "/ro/f"})),
        ("setxattr", json!({"path": "/ro/f", "name": "user.k", "value_base64": ""})),
        ("removexattr", json!({"path": "/ro/f", "name": "user.k"})),
    ] {
        let reply = server.vfs(call, body).await;
        assert_eq!(reply.detail(), "Read-only file system", "{call}");
        assert_eq!((reply.status, &reply.json()["errno"]), (403, &json!("EROFS")), "{call}");
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("f")).unwrap(), "kept");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn a_host_directory_is_written_in_place_and_not_left() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
    let server = on_disk("/host", &root, "write").await;
    server.write("/host/f", b"0123").await;
    server.did("pwrite", json!({"path": "/host/f", "offset": 6, "data_base64": "eA=="})).await;
    server.did("truncate", json!({"path": "/host/f", "length": 8})).await;
    assert_eq!(std::fs::read(root.join("f")).unwrap(), b"0123\0\0x\0");
    for (call, body) in [
        ("read", json!({"path": "/host/out"})),
        ("read_stream", json!({"path": "/host/out"})),
        ("write", json!({"path": "/host/out", "data_base64": "eA=="})),
        ("readlink", json!({"path": "/host/out"})),
        ("symlink", json!({"path": "/host/l", "target": "/etc/passwd"})),
    ] {
        assert_eq!(server.fails(call, body).await, error(403, "EACCES", "file_forbidden"), "{call}");
    }
    assert_eq!(server.fails("read", json!({"path": "/host/../../secret"})).await.1, "ENOENT");
    assert_eq!(std::fs::read_to_string(dir.path().join("secret")).unwrap(), "secret");
}

#[tokio::test]
async fn a_session_sees_only_its_mounts_and_starts_in_its_directory() {
    let server = Server::start().await;
    mounted(&server).await;
    server.sh("mkdir /data/d; echo 1 > /data/d/f; echo 2 > /other/g; ln -s /other/g /data/l").await;
    let narrow = json!({"session_id": "narrow", "allowed_mounts": ["/data"]});
    assert_eq!(server.post("/v1/workspaces/demo/sessions", narrow).await.status, 201);
    let call = async |call: &str, body: Value| {
        server.post(&format!("/v1/workspaces/demo/vfs/{call}?session_id=narrow"), body).await
    };
    assert_eq!(call("read", json!({"path": "/data/d/f"})).await.json()["data_base64"], "MQo=");
    for (name, body) in [
        ("read", json!({"path": "/other/g"})),
        ("read", json!({"path": "/data/l"})),
        ("read", json!({"path": "/data/../other/g"})),
        ("write", json!({"path": "/other/g", "data_base64": ""})),
        ("readdir", json!({"path": "/other"})),
        ("rename", json!({"src": "/other/g", "dst": "/data/g"})),
        ("rename", json!({"src": "/data/d/f", "dst": "/other/f"})),
    ] {
        let reply = call(name, body.clone()).await;
        assert_eq!((reply.status, &reply.json()["errno"]), (403, &json!("EACCES")), "{name} {body} {reply:?}");
        assert!(reply.detail().contains("not allowed"), "{name} {body}: {}", reply.detail());
    }
    assert_eq!(call("exists", json!({"path": "/other/g"})).await.json(), json!({"exists": false}));
    let entries = call("readdir", json!({"path": "/"})).await.json();
    assert_eq!(entries, json!({"entries": ["/data", "/dev"]}));
    let glob = server.post("/v1/workspaces/demo/glob?session_id=narrow", json!({"pattern": "/*/*"})).await.json();
    assert!(!glob.to_string().contains("/other"), "{glob}");

    let cd = json!({"command": "cd /data/d", "session_id": "narrow"});
    server.post("/v1/workspaces/demo/execute", cd).await;
    assert_eq!(call("read", json!({"path": "f"})).await.json()["data_base64"], "MQo=");
    assert_eq!(call("readdir", json!({"path": "."})).await.json(), json!({"entries": ["/data/d/f"]}));
    let nobody = server.post("/v1/workspaces/demo/vfs/read?session_id=no", json!({"path": "/data/d/f"})).await;
    assert_eq!((nobody.status, nobody.detail()), (404, "session not found".to_owned()));
    let nowhere = server.post("/v1/workspaces/no/vfs/read", json!({"path": "/data/d/f"})).await;
    assert_eq!((nowhere.status, nowhere.detail()), (404, "workspace not found".to_owned()));
}

#[tokio::test]
async fn arguments_are_checked_by_name() {
    let server = Server::start().await;
    server.demo().await;
    for (call, body, detail) in [
        ("read", json!({}), "invalid arguments for vfs/read: 'path' is a required property"),
        ("rename", json!({"src": "/a"}), "invalid arguments for vfs/rename: 'dst' is a required property"),
        (
            "mkdir",
            json!({"path": "/data/x", "parents": true}),
            "invalid arguments for vfs/mkdir: Additional properties are not allowed ('parents' was unexpected)",
        ),
    ] {
        let reply = server.vfs(call, body).await;
        assert_eq!((reply.status, reply.detail()), (400, detail.to_owned()));
        assert_eq!(reply.json()["code"], "invalid_request");
    }
    for (call, body, name) in [
        ("read", json!({"path": 5}), "'path'"),
        ("read", json!({"path": "/data", "offset": -1}), "'offset'"),
        ("stat", json!({"path": "/data", "nofollow": "maybe"}), "'nofollow'"),
        ("write", json!({"path": "/data/f", "data_base64": "!"}), "'data_base64' must be base64"),
        ("setxattr", json!({"path": "/data", "name": "n", "value_base64": "!"}), "'value_base64' must be base64"),
        ("read", json!({"path": "/data", "session_id": 7}), "'session_id'"),
    ] {
        let reply = server.vfs(call, body).await;
        let detail = reply.detail();
        assert!(reply.status == 400 && detail.contains(name) && detail.contains(call), "{call}: {detail}");
    }
    // Every call refuses what it does not know.
    for operation in waypost::wire::v1::OPERATIONS.iter().filter(|operation| operation.name.starts_with("vfs.")) {
        let call = operation.name.trim_start_matches("vfs.");
        let reply = server.vfs(call, json!({"path": "/data", "bogus": 1})).await;
        assert_eq!(reply.status, 400, "{call}: {reply:?}");
        assert!(reply.detail().contains("was unexpected"), "{reply:?}");
    }
    let unknown = json!({"path": "/data"});
    assert_eq!(server.fails("nosuch", unknown).await, error(400, "ENOTSUP", "file_error"));
    assert_eq!(server.get("/v1/workspaces/demo/vfs/nosuch").await.status, 404);
    assert_eq!(server.get("/v1/workspaces/demo/vfs/read").await.status, 405);
    let json = [("content-type", "application/json")];
    let broken = server.send(Method::POST, "/v1/workspaces/demo/vfs/read", &json, b"{".to_vec()).await;
    assert_eq!((broken.status, &broken.json()["code"]), (400, &json!("invalid_json")));
    let large = json!({"path": "/data/f", "data_base64": "A".repeat(5 << 20)});
    assert_eq!(server.vfs("write", large).await.status, 413);
}

#[tokio::test]
async fn hostile_paths_are_refused_and_change_nothing() {
    let server = Server::start().await;
    server.demo().await;
    for (path, errno) in [
        ("/data/a\0b".to_owned(), "EINVAL"),
        (format!("/data/{}", "x".repeat(256)), "ENAMETOOLONG"),
        (format!("/data{}", "/x".repeat(2500)), "ENAMETOOLONG"),
        ("x".repeat(5000), "ENAMETOOLONG"),
        ("/data/../../../../etc/passwd".to_owned(), "ENOENT"),
    ] {
        for call in ["read", "stat", "write", "mkdir"] {
            let mut body = json!({ "path": path });
            if call == "write" {
                body["data_base64"] = json!("");
            }
            let (status, got, _) = server.fails(call, body).await;
            assert_eq!(got, errno, "{call} {path:?}");
            assert!(matches!(status, 400 | 404), "{call} {path:?}: {status}");
        }
    }
    let reply = server.vfs("read", json!({"path": "x".repeat(5000)})).await;
    assert!(reply.body.len() < 1000, "the answer repeats the path: {} bytes", reply.body.len());
    // Links that grow a path with every step.
    server.did("symlink", json!({"path": "/data/l", "target": format!("l/{}", "x/".repeat(1900))})).await;
    assert!(matches!(server.fails("read", json!({"path": "/data/l"})).await.1.as_str(), "ELOOP" | "ENAMETOOLONG"));
    assert_eq!(server.did("readdir", json!({"path": "/data"})).await, json!({"entries": ["/data/l"]}));
}

#[tokio::test]
async fn explaining_does_nothing() {
    let server = Server::start().await;
    mounted(&server).await;
    server.sh("echo 1 > /data/f").await;
    let narrow = json!({"session_id": "narrow", "allowed_mounts": ["/other"]});
    server.post("/v1/workspaces/demo/sessions", narrow).await;
    let explain = async |call: &str, query: &str, body: Value| {
        let reply = server.post(&format!("/v1/workspaces/demo/vfs/{call}?explain=true{query}"), body).await;
        assert_eq!(reply.status, 200, "{call}: {reply:?}");
        reply.json()
    };
    let allowed = explain("unlink", "", json!({"path": "/data/f"})).await;
    let wanted = json!({"call": "unlink", "paths": ["/data/f"], "outcome": "allow", "reason": "", "source": "",
        "refusal": null, "answers": [], "error": ""});
    assert_eq!(allowed, wanted);
    let denied = explain("write", "", json!({"path": "/ro/f", "data_base64": ""})).await;
    assert_eq!((&denied["outcome"], &denied["source"]), (&json!("deny"), &json!("mount /ro/")));
    assert_eq!(denied["refusal"], json!({"errno": "EROFS", "detail": "Read-only file system"}));
    assert_eq!(denied["reason"], "Read-only file system");
    let hidden = explain("read_stream", "&session_id=narrow", json!({"path": "/data/f"})).await;
    assert_eq!((&hidden["outcome"], &hidden["source"]), (&json!("deny"), &json!("mount /data/")));
    let rename = explain("rename", "", json!({"src": "/data/f", "dst": "/ro/f"})).await;
    assert_eq!((&rename["paths"], &rename["outcome"]), (&json!(["/data/f", "/ro/f"]), &json!("deny")));
    let nowhere = explain("mkdir", "", json!({"path": "/data/no/d"})).await;
    assert_eq!((&nowhere["outcome"], &nowhere["error"]), (&json!("allow"), &json!("No such file or directory")));
    assert_eq!(server.sh("cat /data/f; ls /data").await, "1\nf\n");
    let bad = server.post("/v1/workspaces/demo/vfs/unlink?explain=true", json!({})).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    server.write("/data/a", &all).await;
    server.did("pwrite", json!({"path": "/data/a", "offset": 10, "data_base64": "eHl6"})).await;
    server.did("append", json!({"path": "/data/a", "data_base64": "eHl6"})).await;
    server.did("mkdir", json!({"path": "/data/d"})).await;
    server.did("create", json!({"path": "/data/d/e"})).await;
    server.did("symlink", json!({"path": "/data/l", "target": "d/e"})).await;
    server.did("setattr", json!({"path": "/data/d/e", "mode": 0o600, "mtime": 5})).await;
    server.write("/data/gone", b"x").await;
    server.did("unlink", json!({"path": "/data/gone"})).await;
    server.write("/data/long", b"0123456789").await;
    server.did("truncate", json!({"path": "/data/long", "length": 4})).await;
    server.did("rename", json!({"src": "/data/long", "dst": "/data/short"})).await;
    server.kill().await;

    let server = Server::kept_in(dir.path()).await;
    let mut wanted = all;
    wanted[10..13].copy_from_slice(b"xyz");
    wanted.extend_from_slice(b"xyz");
    assert!(server.read("/data/a").await == wanted);
    assert_eq!(server.read("/data/short").await, b"0123");
    let entries = server.did("readdir", json!({"path": "/data"})).await;
    assert_eq!(entries, json!({"entries": ["/data/a", "/data/d", "/data/l", "/data/short"]}));
    let stat = server.did("stat", json!({"path": "/data/l"})).await["stat"].clone();
    assert_eq!((&stat["mode"], &stat["modified"]), (&json!(0o600), &json!("1970-01-01T00:00:05.000000Z")));
}

#[tokio::test]
async fn a_call_does_not_wait_for_a_script_and_parallel_changes_do_not_lose_each_other() {
    let server = Server::start().await;
    server.demo().await;
    let job = server.background("while [ ! -e /data/go ]; do :; done; echo went > /data/done").await;
    server.write("/data/f", &[b'.'; 32]).await;
    let writes = (0..32).map(|offset| {
        let body = json!({"path": "/data/f", "offset": offset, "data_base64": STANDARD.encode([b'x'])});
        server.vfs("pwrite", body)
    });
    assert!(futures_util::future::join_all(writes).await.iter().all(|reply| reply.status == 200));
    assert_eq!(server.read("/data/f").await, [b'x'; 32]);
    server.did("create", json!({"path": "/data/go"})).await;
    server.post(&format!("/v1/jobs/{job}/wait"), json!({})).await;
    assert_eq!(server.read("/data/done").await, b"went\n");
}

#[tokio::test]
async fn paths_are_found_by_pattern() {
    let server = Server::start().await;
    server.demo().await;
    server
        .sh("cd /data; mkdir -p a/b .h; touch a/x.txt a/b/y.txt a/b/.z.txt a/w.md .h/v.txt 'a/[q].txt'; ln -s a l")
        .await;
    let glob = async |pattern: &str| {
        let reply = server.post("/v1/workspaces/demo/glob", json!({ "pattern": pattern })).await;
        assert_eq!(reply.status, 200, "{pattern}: {reply:?}");
        reply.json()["paths"]
            .as_array()
            .unwrap()
            .iter()
            .map(|path| path.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = [
        "/data",
        "/data/a",
        "/data/a/[q].txt",
        "/data/a/b",
        "/data/a/b/y.txt",
        "/data/a/w.md",
        "/data/a/x.txt",
        "/data/l",
    ];
    assert_eq!(glob("/data/**").await, all);
    assert_eq!(glob("**/**").await, all);
    assert_eq!(glob("/data/**/*.txt").await, ["/data/a/[q].txt", "/data/a/b/y.txt", "/data/a/x.txt"]);
    assert_eq!(glob("/data/*/?.{txt,md}").await, ["/data/a/w.md", "/data/a/x.txt", "/data/l/w.md", "/data/l/x.txt"]);
    assert_eq!(glob("/data/a/b/.*").await, ["/data/a/b/.z.txt"]);
    assert_eq!(glob("/data/.h/*").await, ["/data/.h/v.txt"]);
    assert_eq!(glob(r"/data/a/\[q].txt").await, ["/data/a/[q].txt"]);
    assert_eq!(glob("/data/a/[wx].*").await, ["/data/a/w.md", "/data/a/x.txt"]);
    assert_eq!(glob("/data/a/../a/x*").await, ["/data/a/x.txt"]);
    assert_eq!((glob("/data/a").await, glob("/").await), (vec!["/data/a".to_owned()], vec!["/".to_owned()]));
    assert!(glob("/data/no*").await.is_empty() && glob("/data/a/x.txt/*").await.is_empty());
    for (body, wanted) in [
        (json!({}), "'pattern' is a required property"),
        (json!({"pattern": 1}), "'pattern'"),
        (json!({"pattern": "x", "more": 1}), "'more'"),
        (json!({"pattern": "x\u{0}"}), "Invalid argument"),
        (json!({"pattern": "x".repeat(5000)}), "File name too long"),
    ] {
        let reply = server.post("/v1/workspaces/demo/glob", body).await;
        assert!(reply.status == 400 && reply.detail().contains(wanted), "{reply:?}");
    }
}
