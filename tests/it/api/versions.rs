//! Versions: commit, log, diff, branch, checkout, and clones of a version.

use super::{Reply, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use waypost::versions::GitVersions;
use waypost::workspace::{Options, Workspaces};

const DEMO: &str = "/v1/workspaces/demo";

impl Server {
    async fn commit(&self, body: Value) -> String {
        let reply = self.post(&format!("{DEMO}/commit"), body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let version = reply.json()["version"].as_str().unwrap().to_owned();
        assert!(version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit()), "{version}");
        version
    }

    async fn diff(&self, query: &str) -> Value {
        let reply = self.get(&format!("{DEMO}/diff{query}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    async fn checkout(&self, reference: &str) -> Reply {
        self.post(&format!("{DEMO}/checkout"), json!({ "ref": reference })).await
    }

    async fn log(&self, query: &str) -> Vec<Value> {
        let reply = self.get(&format!("{DEMO}/versions{query}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json().as_array().unwrap().clone()
    }
}

fn differ(added: &[&str], modified: &[&str], deleted: &[&str]) -> Value {
    json!({"added": added, "modified": modified, "deleted": deleted})
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status, reply.detail())
}

#[tokio::test]
async fn the_worked_example() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("echo hello > /data/hello.txt").await;
    assert_eq!(server.log("").await, Vec::<Value>::new());
    assert_eq!(server.diff("").await["added"].as_array().unwrap().last().unwrap(), "data/hello.txt");
    let first = server.commit(json!({})).await;
    assert_eq!(server.diff("").await, differ(&[], &[], &[]));
    server.sh("echo two > /data/two.txt; echo changed > /data/hello.txt").await;
    let one_more = differ(&["data/two.txt"], &["data/hello.txt"], &[]);
    assert_eq!(server.diff("").await, one_more);
    let second = server.commit(json!({"message": "second"})).await;

    let log = server.log("").await;
    let shown: Vec<_> = log.iter().map(|version| (&version["id"], &version["message"], &version["parent"])).collect();
    assert_eq!(shown, [(&json!(second), &json!("second"), &json!(first)), (&json!(first), &json!(""), &Value::Null)]);
    assert_eq!((&log[0]["author"], &log[0]["created_at"]), (&json!("waypost <waypost@local>"), &log[0]["createdAt"]));
    assert!(log[0]["created_at"].as_f64().unwrap() > 1.7e9);
    assert_eq!(server.log("?limit=1").await, log[..1]);

    assert_eq!(server.diff(&format!("?a={first}&b={second}")).await, one_more);
    assert_eq!(server.diff(&format!("?a={first}")).await, one_more);
    assert_eq!(server.diff(&format!("?b={first}")).await, differ(&[], &[], &[]));
    assert_eq!(
        server.diff(&format!("?a={second}&b={first}")).await,
        differ(&[], &["data/hello.txt"], &["data/two.txt"])
    );
    assert_eq!(server.diff("?branch=nope").await["added"], json!(["data/hello.txt", "data/two.txt"]));

    let branched = server.post(&format!("{DEMO}/branch"), json!({"name": "dev"})).await;
    assert_eq!((branched.status, branched.json()), (201, json!({"branch": "dev", "version": second})));
    server.sh("rm /data/two.txt").await;
    let on_dev = server.commit(json!({"branch": "dev", "message": "on dev"})).await;
    let ids = |log: Vec<Value>| log.into_iter().map(|version| version["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(server.log("?branch=dev").await), [json!(on_dev), json!(second), json!(first)]);
    assert_eq!(ids(server.log("").await), [json!(second), json!(first)]);
    assert_eq!(server.log("?branch=nope").await, Vec::<Value>::new());

    let out = server.checkout(&first).await;
    assert_eq!((out.status, &out.json()["id"]), (200, &json!("demo")), "{out:?}");
    assert_eq!(server.sh("cat /data/hello.txt; ls /data").await, "hello\nhello.txt\n");
    assert_eq!(server.checkout("main").await.status, 200);
    assert_eq!(server.sh("cat /data/hello.txt /data/two.txt").await, "changed\ntwo\n");
    // A commit after the checkout of an old version goes on from the newest one.
    server.checkout(&first).await;
    let back = server.commit(json!({"message": "as it was"})).await;
    assert_eq!(ids(server.log("").await), [json!(back), json!(second), json!(first)]);
    assert_eq!(server.diff(&format!("?a={first}&b={back}")).await, differ(&[], &[], &[]));
}

#[tokio::test]
async fn clones_of_versions_also_when_the_source_is_gone() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("echo hello > /data/f; mkdir -p /data/empty; cd /data; export WHO=me").await;
    let first = server.commit(json!({})).await;
    server.sh("rm -r /data/*; cd /").await;
    server.commit(json!({})).await;
    let clone = async |body: Value| server.post("/v1/workspaces/clone", body).await;
    let made = clone(json!({"source_id": "demo", "id": "copy", "at": first})).await;
    assert_eq!((made.status, &made.json()["id"]), (201, &json!("copy")), "{made:?}");
    let run = json!({"command": "pwd; cat f; ls -A; echo $WHO; test -d /tmp && echo tmp"});
    let shown = server.post("/v1/workspaces/copy/execute", run.clone()).await.json();
    assert_eq!(shown["stdout"], "/data\nhello\nempty\nf\nme\ntmp\n");
    assert_eq!(server.get("/v1/workspaces/copy/versions").await.json(), json!([]));
    assert_eq!(
        refused(&clone(json!({"source_id": "demo", "at": "nope"})).await),
        (404, "version not found: nope".into())
    );
    assert_eq!(clone(json!({"source_id": "never", "at": "main"})).await.status, 404);
    assert_eq!(clone(json!({"source_id": "../demo", "at": "main"})).await.status, 404);
    assert_eq!(clone(json!({"source_id": "demo", "id": "copy", "at": first})).await.status, 409);

    assert_eq!(server.delete(DEMO).await.status, 200);
    assert_eq!(server.log("").await.len(), 2);
    assert_eq!(server.diff(&format!("?a={first}&b=main")).await["deleted"], json!(["data/f"]));
    assert_eq!(server.get(&format!("{DEMO}/diff")).await.detail(), "workspace not found");
    assert_eq!(server.checkout("main").await.detail(), "workspace not found");
    let late = clone(json!({"source_id": "demo", "at": &first[..7]})).await;
    assert_eq!(late.status, 201, "{late:?}");

    // A namesake is another workspace: it neither shows nor continues what is not its own.
    server.demo().await;
    assert_eq!(server.log("").await, Vec::<Value>::new());
    assert_eq!(server.checkout(&first).await.status, 404);
    server.sh("echo new > /data/g").await;
    let own = server.commit(json!({"branch": "trunk"})).await;
    assert_eq!(server.log("?branch=trunk").await[0]["parent"], Value::Null);
    assert_eq!(clone(json!({"source_id": "demo", "at": own})).await.status, 201);
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let server = Server::start().await;
    assert_eq!(server.get("/v1/workspaces/none/versions").await.json(), json!([]));
    assert_eq!(server.get("/v1/workspaces/..%2F..%2Fetc/versions").await.json(), json!([]));
    let commit = async |body: Value| refused(&server.post(&format!("{DEMO}/commit"), body).await);
    let branch = async |body: Value| refused(&server.post(&format!("{DEMO}/branch"), body).await);
    assert_eq!(commit(json!({})).await, (404, "workspace not found".into()));
    server.demo().await;
    assert_eq!(branch(json!({"name": "x"})).await, (404, "no such branch: 'main'".into()));
    assert_eq!(refused(&server.checkout("main").await), (404, "version not found: main".into()));
    let main = server.commit(json!({})).await;
    let nope = "no branch 'nope'; create it first with `waypost workspace branch`";
    assert_eq!(commit(json!({"branch": "nope"})).await, (404, nope.into()));
    assert_eq!(commit(json!({"branch": "a..b"})).await, (400, "invalid branch name: 'a..b'".into()));
    assert_eq!(commit(json!({"message": "a\u{0}b"})).await, (400, "message: must not contain NUL".into()));
    assert_eq!(commit(json!({"message": 5})).await.0, 400);
    assert_eq!(branch(json!({})).await, (400, "missing field `name`".into()));
    assert_eq!(branch(json!({"name": "../../HEAD"})).await.0, 400);
    assert_eq!(branch(json!({"name": main})).await.0, 400);
    assert_eq!(branch(json!({"name": "x", "fromBranch": "nope"})).await, (404, "no such branch: 'nope'".into()));
    let made = server.post(&format!("{DEMO}/branch"), json!({"name": "dev"})).await;
    assert_eq!(made.status, 201);
    assert_eq!(branch(json!({"name": "dev"})).await, (409, "branch already exists: 'dev'".into()));
    assert_eq!(branch(json!({"name": "dev/x"})).await, (409, "branch 'dev/x' cannot be beside branch 'dev'".into()));
    for bad in ["deadbeef", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", "main~1", "HEAD", "", "../main", &main[..3]] {
        assert_eq!(refused(&server.checkout(bad).await), (404, format!("version not found: {bad}")));
    }
    assert_eq!(server.post(&format!("{DEMO}/checkout"), json!({})).await.detail(), "missing field `ref`");
    let diff = server.get(&format!("{DEMO}/diff?a={}", &main[..3])).await;
    assert_eq!((diff.status, &diff.json()["code"]), (404, &json!("version_not_found")));
    for good in [&main[..4], &main[..12], &main.to_uppercase(), &main, "dev"] {
        assert_eq!(server.checkout(good).await.status, 200, "{good}");
    }
    // A tree is no version, though it is an object with an id.
    let none = Server::with(|_, engine| engine.versions = None).await;
    none.demo().await;
    assert_eq!(none.post(&format!("{DEMO}/commit"), json!({})).await.status, 501);
}

#[tokio::test]
async fn every_kind_of_node_comes_back_and_only_what_was_there() {
    let server = Server::start().await;
    let mounts = json!({"/": {"resource": "ram"}, "/a": {"resource": "ram"}, "/a/b": {"resource": "ram"}});
    server.post("/v1/workspaces", json!({"id": "demo", "config": {"mounts": mounts}})).await;
    server
        .sh("cd /a; echo x > run; chmod 755 run; echo s > secret; chmod 600 secret; ln -s run link; mkdir -p e/m/p/ty d; \
             chmod 700 d; echo 1 > d/f; echo outer > z; echo inner > b/y; mkdir -p '/.mirage/sub' /.git; \
             echo mine > /.mirage/meta.json; echo g > /.git/config; echo m > /.gitmodules; echo p > '/%2Egit'; \
             printf '\\xff\\x00bin' > bin")
        .await;
    let list = "cd /; find . -not -path './dev*' | sort; cat a/d/f a/b/y a/z .mirage/meta.json .git/config '%2Egit'; \
                readlink a/link; stat -c '%a %n' a/run a/secret a/d a/e/m/p/ty; od -c a/bin | head -n 1";
    let before = server.sh(list).await;
    let first = server.commit(json!({})).await;
    let added = server.diff("?branch=none").await["added"].clone();
    for path in [".mirage/meta.json", ".git/config", ".gitmodules", "%2Egit", "a/b/y", "a/z", "a/link"] {
        assert!(added.as_array().unwrap().contains(&json!(path)), "{path}: {added}");
    }
    assert!(!added.to_string().contains("sessions.json"), "{added}");
    server.sh("cd /; rm -r a/e a/d a/run a/secret a/b/y a/bin .mirage .git .gitmodules '%2Egit'; rm a/link; mkdir a/link; \
               echo now a dir > a/link/x; rm a/z; mkdir a/z; echo f > a/e; echo new > a/b/new; chmod 600 /tmp").await;
    assert_eq!(server.diff("").await["deleted"].as_array().unwrap().len(), 11);
    let changed = server.commit(json!({"message": "all different"})).await;
    assert_eq!(server.checkout(&first).await.status, 200);
    assert_eq!(server.sh(list).await, before);
    assert_eq!(server.diff("?a=main").await["added"].as_array().unwrap().len(), 11);
    assert_eq!(server.diff(&format!("?a={first}")).await, differ(&[], &[], &[]));
    server.checkout(&changed).await;
    assert_eq!(server.sh("cat /a/link/x /a/e; ls /a/b; stat -c %a /tmp").await, "now a dir\nf\nnew\n600\n");
    assert_eq!(server.diff("").await, differ(&[], &[], &[]));
}

#[tokio::test]
async fn sessions_come_back_and_newer_ones_stay() {
    let server = Server::start().await;
    server.demo().await;
    let session = async |id: &str| server.post(&format!("{DEMO}/sessions"), json!({"session_id": id})).await;
    let run = async |session: &str, command: &str| {
        let body = json!({"command": command, "session_id": session});
        server.post(&format!("{DEMO}/execute"), body).await.json()["stdout"].as_str().unwrap().to_owned()
    };
    session("kept").await;
    session("gone").await;
    server.sh("mkdir /data/d; cd /data/d; export A=1").await;
    run("kept", "cd /data; export A=kept").await;
    run("gone", "cd /tmp; export A=gone").await;
    let first = server.commit(json!({})).await;
    server.sh("cd /; export A=2; B=3").await;
    run("kept", "cd /tmp; export A=later").await;
    server.delete(&format!("{DEMO}/sessions/gone")).await;
    session("newer").await;
    run("newer", "cd /data; A=new").await;
    let out = server.checkout(&first).await.json();
    let shown: Vec<_> = out["sessions"].as_array().unwrap().iter().map(|s| (&s["session_id"], &s["cwd"])).collect();
    let expected = [("default", "/data/d"), ("kept", "/tmp"), ("newer", "/data"), ("gone", "/tmp")]
        .map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(shown, expected.each_ref().map(|(a, b)| (a, b)));
    assert_eq!(server.sh("echo $A$B $PWD").await, "1 /data/d\n");
    assert_eq!(
        run("kept", "echo $A").await + &run("newer", "echo $A").await + &run("gone", "echo $A").await,
        "later\nnew\ngone\n"
    );
}

#[tokio::test]
async fn versions_and_what_was_checked_out_are_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    server.sh("echo one > /data/f; echo same > /data/same").await;
    let first = server.commit(json!({"message": "one"})).await;
    server.sh("echo two > /data/f; echo x > /data/x; cd /data").await;
    server.kill().await;
    // What a process that is killed at the wrong moment leaves behind does not block the next one.
    let repository = dir.path().join("repos/demo");
    for lock in ["HEAD.lock", "refs/heads/main.lock", "packed-refs.lock", "objects/.tmpQq1"] {
        std::fs::write(repository.join(lock), "").unwrap();
    }

    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.diff("").await, differ(&["data/x"], &["data/f"], &[]));
    let second = server.commit(json!({"message": "two"})).await;
    assert_eq!(server.log("").await[0]["parent"], json!(first));
    assert_eq!(server.checkout(&first).await.status, 200);
    server.kill().await;

    let server = Server::kept_in(dir.path()).await;
    assert_eq!(server.sh("cat /data/f; ls /data; pwd").await, "one\nf\nsame\n/\n");
    assert_eq!(server.checkout(&second[..6]).await.status, 200);
    assert_eq!(server.sh("cat /data/f; pwd").await, "two\n/data\n");
}

#[tokio::test]
async fn reading_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::kept_in(dir.path()).await;
    server.demo().await;
    server.sh("echo hello > /data/f").await;
    server.log("").await;
    assert_eq!(server.diff("").await["added"], json!(["data/f"]));
    server.checkout("main").await;
    assert!(!dir.path().join("repos").exists());
    server.commit(json!({})).await;
    let count = || walk(&dir.path().join("repos")).len();
    let before = count();
    server.sh("echo more > /data/g").await;
    server.diff("").await;
    assert_eq!(count(), before, "a comparison wrote into the repository");
}

#[tokio::test]
async fn commits_at_the_same_time_follow_each_other() {
    let server = Arc::new(Server::start().await);
    server.demo().await;
    let many = (0..12).map(|n| {
        let server = server.clone();
        tokio::spawn(async move {
            let run = json!({"command": format!("echo {n} > /data/f{n}")});
            server.post(&format!("{DEMO}/execute"), run).await;
            server.commit(json!({"message": n.to_string()})).await
        })
    });
    let mut made = Vec::new();
    for task in many.collect::<Vec<_>>() {
        made.push(json!(task.await.unwrap()));
    }
    let log = server.log("").await;
    let mut ids: Vec<_> = log.iter().map(|version| version["id"].clone()).collect();
    let by = |value: &Value| value.to_string();
    ids.sort_by_key(by);
    made.sort_by_key(by);
    assert_eq!(ids, made);
    // Each one saw at least what the one before it had.
    for pair in log.windows(2) {
        let query = format!("?a={}&b={}", pair[1]["id"].as_str().unwrap(), pair[0]["id"].as_str().unwrap());
        assert_eq!(server.diff(&query).await["deleted"], json!([]));
    }
    assert_eq!(server.diff("").await, differ(&[], &[], &[]));
}

#[tokio::test]
async fn a_script_that_runs_sees_before_or_after_and_cannot_undo_a_checkout_s_sessions() {
    let server = Server::start().await;
    server.demo().await;
    server.sh("for n in $(seq 50); do echo old > /data/$n; done; cd /data").await;
    let old = server.commit(json!({})).await;
    server.sh("for n in $(seq 50); do echo new > /data/$n; done; cd /").await;
    server.commit(json!({"message": "new"})).await;
    let watch = server.background("export LATE=1; while :; do cat /data/* | sort -u | tr '\\n' ' '; done").await;
    for _ in 0..5 {
        for (reference, text) in [(old.as_str(), "old"), ("main", "new")] {
            assert_eq!(server.checkout(reference).await.status, 200);
            assert_eq!(server.sh("cat /data/* | sort -u").await, format!("{text}\n"));
        }
    }
    server.checkout(&old).await;
    server.delete(&format!("/v1/jobs/{watch}")).await;
    server.post(&format!("/v1/jobs/{watch}/wait"), json!({})).await;
    assert_eq!(server.sh("echo $LATE $PWD").await, "/data\n");
}

/// A server whose workspaces may mount `root`.
async fn with_disk(root: &Path) -> Server {
    let options = Options { disk_roots: vec![root.to_owned()], ..Options::default() };
    let workspaces = Workspaces::open(None, options).await.unwrap();
    Server::of(workspaces, |_, engine| engine.policy.disk_roots = vec![root.to_owned()]).await
}

#[cfg(unix)]
#[tokio::test]
async fn a_disk_mount_becomes_the_version_and_nothing_else_of_the_host_does() {
    let dir = tempfile::tempdir().unwrap();
    let outer = dir.path().canonicalize().unwrap();
    let root = outer.join("root");
    std::fs::create_dir_all(root.join("deep/er")).unwrap();
    let at = |name: &str| root.join(name);
    std::fs::write(at("one"), "1").unwrap();
    std::fs::write(at("deep/er/f"), "f").unwrap();
    std::fs::write(at("run"), "#!").unwrap();
    std::os::unix::fs::symlink("one", at("link")).unwrap();
    std::os::unix::fs::symlink(&outer, at("outside")).unwrap();
    std::fs::create_dir(at("under")).unwrap();
    std::fs::write(at("under/hidden"), "h").unwrap();
    let server = with_disk(&root).await;
    let mounts = json!({
        "/host": {"resource": "disk", "config": {"root": root}},
        "/host/under": {"resource": "ram"},
    });
    server.post("/v1/workspaces", json!({"id": "demo", "config": {"mounts": mounts}})).await;
    server.sh("echo ram > /host/under/r; mkdir /host/empty; chmod 750 /host/run").await;
    let before = tree(&outer);
    let first = server.commit(json!({})).await;
    let added = server.diff("?branch=none").await["added"].clone();
    let shown = ["deep/er/f", "link", "one", "outside", "run", "under/r"].map(|name| format!("host/{name}"));
    assert_eq!(added, json!(shown));

    server
        .sh("cd /host; rm -r deep link outside empty; echo changed > one; mkdir -p new/dir; echo n > new/dir/f; \
               chmod 644 run; rm under/r")
        .await;
    std::fs::write(at("by the host"), "x").unwrap();
    std::fs::create_dir(at("link")).unwrap();
    std::fs::write(at("link/was a link"), "x").unwrap();
    assert_eq!(
        server.diff("").await["deleted"],
        json!(["host/deep/er/f", "host/link", "host/outside", "host/under/r"])
    );
    let second = server.commit(json!({})).await;
    let out = server.checkout(&first).await;
    assert_eq!(out.status, 200, "{out:?}");
    // But for the link that leads out: nothing in here makes such a link on the host.
    assert_eq!(tree(&outer), before.into_iter().filter(|line| !line.contains("/outside ")).collect::<Vec<_>>());
    assert_eq!(server.diff(&format!("?a={first}")).await, differ(&[], &[], &["host/outside"]));
    assert_eq!(server.sh("cat /host/under/r").await, "ram\n");
    assert!(!Path::new("/one").exists(), "the version's file is at the root of the host");
    assert_eq!(server.checkout(&second).await.status, 200);
    assert_eq!(server.diff("").await, differ(&[], &[], &[]));
    assert_eq!(std::fs::read_to_string(at("new/dir/f")).unwrap(), "n\n");

    // A clone of a version has the files, and leaves the host's directory to its owner.
    let clone = server.post("/v1/workspaces/clone", json!({"source_id": "demo", "id": "copy", "at": first})).await;
    assert_eq!(clone.status, 201, "{clone:?}");
    assert_eq!(
        clone.json()["mounts"].as_array().unwrap().iter().filter(|mount| mount["resource"] == "disk").count(),
        0
    );
    let run = json!({"command": "cd /host; cat one deep/er/f under/r; echo mine > one; stat -c %a run"});
    let ran = server.post("/v1/workspaces/copy/execute", run).await.json();
    assert_eq!(ran["stdout"], "1fram\n750\n");
    assert_eq!(std::fs::read_to_string(at("one")).unwrap(), "changed\n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_disk_mount_that_may_only_be_read_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    std::fs::write(root.join("f"), "old").unwrap();
    let server = with_disk(&root).await;
    let mounts = json!({"/host": {"resource": "disk", "mode": "read", "config": {"root": root}}});
    server.post("/v1/workspaces", json!({"id": "demo", "config": {"mounts": mounts}})).await;
    let first = server.commit(json!({})).await;
    std::fs::write(root.join("f"), "new").unwrap();
    assert_eq!(server.diff("").await, differ(&[], &["host/f"], &[]));
    assert_eq!(server.checkout(&first).await.status, 200);
    assert_eq!(std::fs::read_to_string(root.join("f")).unwrap(), "new");
}

#[tokio::test]
async fn versions_that_are_not_kept_for_good_need_no_directory() {
    let kept = GitVersions::temporary().unwrap();
    drop(kept);
    let server = Server::start().await;
    server.demo().await;
    server.commit(json!({})).await;
}

/// Every path below `dir` with its kind, mode and content.
#[cfg(unix)]
fn tree(dir: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let describe = |path: &std::path::PathBuf| {
        let metadata = std::fs::symlink_metadata(path).unwrap();
        let content = if metadata.is_symlink() {
            std::fs::read_link(path).unwrap().display().to_string()
        } else if metadata.is_dir() {
            "directory".to_owned()
        } else {
            std::fs::read_to_string(path).unwrap()
        };
        format!("{} {:o} {content}", path.display(), metadata.permissions().mode())
    };
    walk(dir).iter().map(describe).collect()
}

fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}
