//! Every command against a real daemon of its own, one test per noun: what they ask is what it takes.

use super::Cli;
use crate::support::{Process, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// A daemon that its commands find by their home. It ends with the test.
struct Daemon(Cli);

impl Daemon {
    /// With the workspace `demo`: memory at `/` and `/data`, and a directory of the host at `/host`.
    async fn start() -> Self {
        let mut cli = Cli::at("");
        // A command that finds no daemon of its home must not find one of this machine.
        cli.variables = vec![("WAYPOST_DAEMON_PORT", "1".to_owned())];
        let host = cli.env.path("host");
        std::fs::create_dir(&host).unwrap();
        std::fs::write(host.join("note"), "of the host\n").unwrap();
        cli.write(
            "demo.yaml",
            &format!("mounts: {{/data: {{type: ram}}, /host: {{type: disk, config: {{root: {}}}}}}}", host.display()),
        );
        let host = host.to_str().unwrap();
        cli.json(&["daemon", "start", "--listen", "127.0.0.1:0", "--allow-disk", host, "--allow-files", host]).await;
        let daemon = Self(cli);
        assert_eq!(daemon.json(&["workspace", "create", "demo.yaml", "--id", "demo"]).await["id"], "demo");
        daemon
    }

    async fn json(&self, args: &[&str]) -> Value {
        self.0.json(args).await
    }

    async fn sh(&self, script: &str) -> String {
        self.0.text(&["execute", "-w", "demo", "-c", script]).await
    }

    /// A command that must fail: its exit code and what it says.
    async fn fails(&self, args: &[&str]) -> (i32, String) {
        let ended = self.0.run(args).await;
        assert_ne!(ended.code, 0, "{args:?}: {}", String::from_utf8_lossy(&ended.out));
        (ended.code, ended.err)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.command(&["daemon", "kill"]).output();
    }
}

fn ids(list: &Value, name: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn workspace() {
    let daemon = Daemon::start().await;
    daemon.sh("echo hello > /data/f").await;
    assert_eq!(daemon.json(&["workspace", "get", "demo", "--verbose"]).await["internals"]["history_length"], 1);
    let mounts = &daemon.json(&["workspace", "clone", "demo", "--id", "copy"]).await["mounts"];
    assert!(mounts.as_array().unwrap().iter().any(|mount| mount["resource"] == "disk"), "{mounts}");
    daemon.0.write("ram.yaml", "mounts: {/host: {type: ram}}");
    daemon.json(&["workspace", "clone", "demo", "--id", "ram", "--override", "ram.yaml"]).await;
    assert_eq!(daemon.0.text(&["execute", "-w", "ram", "-c", "cat /data/f; ls /host"]).await, "hello\n");

    assert_eq!(daemon.json(&["workspace", "snapshot", "demo", "demo.tar"]).await["id"], "demo");
    daemon.json(&["workspace", "load", "demo.tar", "--id", "loaded"]).await;
    let written = daemon.json(&["workspace", "snapshot", "demo", "--server-path", "there.tar"]).await;
    assert!(written["path"].as_str().unwrap().ends_with("/host/there.tar"), "{written}");
    daemon.json(&["workspace", "load", "--server-path", "there.tar", "--id", "from-path"]).await;
    for id in ["loaded", "from-path"] {
        let cat = daemon.0.text(&["execute", "-w", id, "-c", "cat /data/f /host/note"]).await;
        assert_eq!(cat, "hello\nof the host\n", "{id}");
    }
    let (code, err) = daemon.fails(&["workspace", "load", "--server-path", "/etc/passwd", "--id", "x"]).await;
    assert!(code == 2 && err.contains("--allow-files"), "{err}");

    assert_eq!(daemon.json(&["workspace", "refresh", "demo", "/data"]).await["path"], "/data");
    assert_eq!(daemon.json(&["workspace", "list-asks", "demo"]).await, json!([]));
    assert_eq!(daemon.fails(&["workspace", "allow", "demo", "none"]).await.0, 2);
    let listed = ids(&daemon.json(&["workspace", "list"]).await, "id");
    assert_eq!(listed, ["demo", "copy", "ram", "loaded", "from-path"]);
    assert_eq!(daemon.json(&["workspace", "close", "copy"]).await["id"], "copy");
    assert_eq!(daemon.json(&["workspace", "delete", "ram"]).await["id"], "ram");
    for id in ["copy", "ram"] {
        assert_eq!(daemon.fails(&["workspace", "get", id]).await.0, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn workspace_versions() {
    let daemon = Daemon::start().await;
    daemon.sh("echo one > /data/f").await;
    let commit = daemon.json(&["workspace", "commit", "demo", "-m", "first"]).await;
    let first = commit["version"].as_str().unwrap();
    daemon.sh("echo two > /data/f; echo new > /data/g; echo changed > /host/note").await;
    let changed = json!({"added": ["data/g"], "modified": ["data/f", "host/note"], "deleted": []});
    assert_eq!(daemon.json(&["workspace", "diff", "demo"]).await, changed);
    assert_eq!(daemon.json(&["workspace", "branch", "demo", "next"]).await["version"], first);
    daemon.json(&["workspace", "commit", "demo", "-m", "second", "-b", "next"]).await;
    assert_eq!(ids(&daemon.json(&["workspace", "log", "demo", "-b", "next"]).await, "message"), ["second", "first"]);
    assert_eq!(ids(&daemon.json(&["workspace", "log", "demo"]).await, "message"), ["first"]);
    assert_eq!(daemon.json(&["workspace", "diff", "demo", first, "next"]).await, changed);
    daemon.json(&["workspace", "checkout", "demo", first]).await;
    assert_eq!(daemon.sh("cat /data/f /host/note; ls /data").await, "one\nof the host\nf\n");
    daemon.json(&["workspace", "clone", "demo", "--id", "then", "--at", "next"]).await;
    assert_eq!(daemon.0.text(&["execute", "-w", "then", "-c", "cat /data/g /host/note"]).await, "new\nchanged\n");
    assert_eq!(daemon.fails(&["workspace", "checkout", "demo", "nowhere"]).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn session() {
    let daemon = Daemon::start().await;
    daemon.json(&["session", "create", "demo", "--id", "only", "-m", "/data"]).await;
    daemon.json(&["session", "create", "demo", "--id", "weak", "-m", "/data:read"]).await;
    assert_eq!(ids(&daemon.json(&["session", "list", "demo"]).await, "session_id"), ["default", "only", "weak"]);
    let in_session = async |session, script| daemon.0.run(&["shell", "-w", "demo", "-s", session, "-c", script]).await;
    assert_eq!(in_session("only", "echo x > /data/f; cd /data").await.code, 0);
    assert_eq!(in_session("only", "pwd; cat f").await.text(), "/data\nx\n");
    assert_ne!(in_session("only", "cat /host/note").await.code, 0);
    assert_ne!(in_session("weak", "echo y > /data/f").await.code, 0);
    assert_eq!(in_session("weak", "cat /host/note").await.text(), "of the host\n");

    // What is not a script is narrowed alike.
    for (args, code) in [
        (&["vfs", "read", "/host/note", "-w", "demo", "-s", "only"][..], 1),
        (&["vfs", "write", "/data/f", "--data", "y", "-w", "demo", "-s", "weak"], 1),
        (&["tools", "read", "/host/note", "-w", "demo", "-s", "only"], 1),
        (&["tools", "edit", "/data/f", "x", "y", "-w", "demo", "-s", "weak"], 1),
    ] {
        let (found, err) = daemon.fails(args).await;
        assert_eq!(found, code, "{args:?}: {err}");
    }
    assert_eq!(daemon.json(&["glob", "/host/*", "-w", "demo", "-s", "only"]).await["paths"], json!([]));
    assert_eq!(daemon.0.text(&["tools", "grep", "host", "/", "-w", "demo", "-s", "only"]).await, "");
    assert_eq!(in_session("default", "cat /data/f").await.text(), "x\n");

    assert_eq!(daemon.json(&["session", "update", "demo", "weak", "--default-profile"]).await["session_id"], "weak");
    assert_eq!(daemon.fails(&["session", "update", "demo", "weak", "--profile", "p"]).await.0, 2);
    daemon.json(&["execute", "-w", "demo", "-s", "only", "-c", "sleep 100", "--bg", "--json"]).await;
    assert_eq!(daemon.json(&["session", "kill", "demo", "weak"]).await, json!({"killed": 0}));
    assert_eq!(daemon.json(&["session", "kill", "demo", "only"]).await, json!({"killed": 1}));
    daemon.json(&["execute", "-w", "demo", "-s", "only", "-c", "sleep 100", "--bg", "--json"]).await;
    assert_eq!(daemon.json(&["session", "cancel", "demo", "only"]).await, json!({"canceled": 1}));
    assert_eq!(daemon.json(&["session", "delete", "demo", "weak"]).await["session_id"], "weak");
    assert_eq!(daemon.fails(&["session", "delete", "demo", "weak"]).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn execute_and_shell() {
    let daemon = Daemon::start().await;
    for name in ["execute", "shell"] {
        let ran = daemon.0.run_with(&[name, "-w", "demo", "-c", "cat; echo no >&2; exit 3"], b"a\xff\n").await;
        assert_eq!((ran.code, ran.out.as_slice(), ran.err.as_str()), (3, &b"a\xff\n"[..], "no\n"), "{name}");
        let answer = daemon.0.run(&[name, "-w", "demo", "--json", "-c", "echo hi; exit 4"]).await;
        assert_eq!((answer.code, &answer.json()["stdout"]), (4, &"hi\n".into()), "{name}");
    }
    let explained = daemon.json(&["shell", "-w", "demo", "-c", "rm -r /data", "--explain"]).await;
    assert_eq!((&explained["outcome"], &explained["node"]["children"][0]["command"]), (&"allow".into(), &"rm".into()));
    let cost = daemon.json(&["provision", "-w", "demo", "-c", "cat /host/note"]).await;
    assert_eq!((&cost["kind"], &cost["network_read_high"]), (&"provision".into(), &12.into()), "{cost}");
}

/// SIGINT, or SIGTERM where this process and what it starts ignore that one: a shell's background jobs do.
fn interrupt() -> Signal {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    if ignored & 0b10 == 0 { Signal::INT } else { Signal::TERM }
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupting_a_command_cancels_its_script() {
    let daemon = Daemon::start().await;
    for name in ["execute", "shell"] {
        let script = format!("echo begun {name}; while true; do sleep 0.05; done");
        let mut command = Process::spawn(daemon.0.command(&[name, "-w", "demo", "-c", &script]));
        // The output is there while the script runs.
        command.wait_line(&format!("begun {name}"), LIMIT);
        command.signal(interrupt());
        command.wait(LIMIT);
        wait_until("the script has ended", LIMIT, async || {
            let jobs = daemon.json(&["job", "list", "-w", "demo"]).await;
            let job = jobs.as_array().unwrap().last().unwrap().clone();
            if job["status"] == "canceled" { Ok(()) } else { Err(job.to_string()) }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn job() {
    let daemon = Daemon::start().await;
    let begin = async |script| {
        let begun = daemon.json(&["execute", "-w", "demo", "-c", script, "--bg", "--json"]).await;
        begun["job_id"].as_str().unwrap().to_owned()
    };
    let id = begin("echo out; echo err >&2; exit 5").await;
    let waited = daemon.0.run(&["job", "wait", &id]).await;
    assert_eq!((&waited.json()["status"], &waited.json()["result"]["exit_code"]), (&"done".into(), &5.into()));
    let got = daemon.0.run(&["job", "get", &id]).await;
    assert_eq!((got.code, &got.json()["result"]["stderr"]), (5, &"err\n".into()), "its exit code is the job's");
    assert_eq!(daemon.0.text(&["job", "logs", &id]).await, "out\n");
    let endless = begin("while true; do sleep 0.05; done").await;
    assert_eq!(daemon.json(&["job", "cancel", &endless]).await["canceled"], true);
    assert_eq!(daemon.json(&["job", "cancel", &endless]).await["canceled"], false);
    assert_eq!(ids(&daemon.json(&["job", "list", "-w", "demo"]).await, "status"), ["done", "canceled"]);
    let submitted = ["job", "submit", "workspaces.execute", "id=demo", "command=echo there; exit 6"];
    let submitted = daemon.0.run(&submitted).await;
    assert_eq!((submitted.code, submitted.text().as_str()), (6, "there\n"), "{}", submitted.err);
    for (begin, end) in [("kill", "killed"), ("cancel", "canceled")] {
        let id = daemon.json(&["execute", "-w", "demo", "-c", "sleep 100", "--bg", "--json"]).await;
        assert_eq!(daemon.json(&["workspace", begin, "demo"]).await, json!({ end: 1 }), "{id}");
    }
    assert_eq!(daemon.fails(&["job", "get", "job_none"]).await.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn vfs() {
    let daemon = Daemon::start().await;
    let vfs = async |args: &[&str]| daemon.json(&[&["vfs"], args, &["-w", "demo"]].concat()).await;
    for args in [
        &["write", "/data/f", "--data", "hello"][..],
        &["append", "/data/f", "--data", " world"],
        &["pwrite", "/data/f", "0", "--data", "J"],
        &["mkdir", "/data/d"],
        &["create", "/data/d/new"],
        &["rename", "/data/d/new", "/data/d/old"],
        &["symlink", "/data/link", "/data/f"],
        &["truncate", "/data/f", "9"],
        &["unlink", "/data/d/old"],
        &["rmdir", "/data/d"],
    ] {
        assert_eq!(vfs(args).await, json!({}), "{args:?}");
    }
    let read = ["vfs", "read", "/data/link", "-w", "demo"];
    assert_eq!(daemon.0.text(&read).await, "Jello wor");
    assert_eq!(daemon.0.text(&[&read[..], &["--offset", "6", "--size", "2"]].concat()).await, "wo");
    assert_eq!(vfs(&["stat", "/data/f"]).await["stat"]["size"], 9);
    assert_eq!(vfs(&["readdir", "/data"]).await, json!({"entries": ["/data/f", "/data/link"]}));
    assert_eq!(vfs(&["list-files", "/data"]).await, json!({"files": ["f", "link"]}));
    assert_eq!(vfs(&["exists", "/data/none"]).await, json!({"exists": false}));
    assert_eq!(vfs(&["is-dir", "/data"]).await, json!({"is_dir": true}));
    assert_eq!(vfs(&["is-file", "/data"]).await, json!({"is_file": false}));
    assert_eq!(vfs(&["readlink", "/data/link"]).await, json!({"target": "/data/f"}));
    vfs(&["setattr", "/data/f", "--mode", "600"]).await;
    assert_eq!(vfs(&["stat", "/data/f"]).await["stat"]["mode"], 0o600);
    assert_eq!(vfs(&["listxattr", "/data/f"]).await, json!({"names": []}));
    for (args, errno) in [
        (&["getxattr", "/data/f", "user.x"][..], "ENOTSUP"),
        (&["setxattr", "/data/f", "user.x", "--value", "v"], "ENOTSUP"),
        (&["removexattr", "/data/f", "user.x"], "ENOTSUP"),
        (&["unlink", "/data/none"], "ENOENT"),
        (&["rename", "/data/f", "/host/f"], "EXDEV"),
    ] {
        let (code, err) = daemon.fails(&[&["vfs"], args, &["-w", "demo"]].concat()).await;
        assert!(code == 1 && err.contains(errno), "{args:?}: {err}");
    }
    assert_eq!(vfs(&["unlink", "/data/f", "--explain"]).await["outcome"], "allow");
    assert_eq!(daemon.json(&["glob", "/data/*", "-w", "demo"]).await, json!({"paths": ["/data/f", "/data/link"]}));
}

#[tokio::test(flavor = "multi_thread")]
async fn tools() {
    let daemon = Daemon::start().await;
    let tool = async |args: &[&str]| daemon.0.text(&[&["tools"], args, &["-w", "demo"]].concat()).await;
    assert_eq!(tool(&["write", "/data/a.txt", "--content", "one\nTODO two\nthree\n"]).await, "Written: /data/a.txt\n");
    assert_eq!(tool(&["write", "/data/b.md", "--content", "todo\ntodo\n"]).await, "Written: /data/b.md\n");
    assert_eq!(tool(&["read", "/data/a.txt", "--offset", "1", "--limit", "1"]).await, "     2\tTODO two\n");
    assert_eq!(tool(&["edit", "/data/a.txt", "one", "uno"]).await, "Edited: /data/a.txt (1 occurrence(s))\n");
    tool(&["edit", "/data/b.md", "todo", "done", "--replace-all"]).await;
    assert_eq!(tool(&["read", "/data/b.md"]).await, "     1\tdone\n     2\tdone\n");
    for (options, found) in [
        (&["TODO", "/data"][..], "/data/a.txt:2:TODO two\n"),
        (&["todo", "/data", "-i", "-C", "1"], "/data/a.txt-1-uno\n/data/a.txt:2:TODO two\n/data/a.txt-3-three\n"),
        (&["t.o", "/data", "-F"], ""),
        (&["done", "/data", "-l"], "/data/b.md\n"),
        (&["done", "/data", "-m", "1", "--include", "*.md"], "/data/b.md:1:done\n"),
        (&["done", "/data", "-c"], "/data/a.txt:0\n/data/b.md:2\n"),
    ] {
        assert_eq!(tool(&[&["grep"], options].concat()).await, found, "{options:?}");
    }
    assert_eq!(tool(&["ls", "/data"]).await, "a.txt\nb.md\n");
    assert_eq!(tool(&["glob", "**/*.txt", "/data"]).await, "/data/a.txt\n");
    assert_eq!(tool(&["shell", "echo hi"]).await, "hi\n");
    let (code, err) = daemon.fails(&["tools", "shell", "echo hi; exit 3", "-w", "demo"]).await;
    assert!(code == 1 && err.contains("[exit code 3]"), "{err}");
}
