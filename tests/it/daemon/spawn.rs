//! The daemon that starts itself for the first command that needs one.

use super::{Home, LIMIT};
use crate::support::Process;
use serde_json::Value;

const WORKSPACE: &str = "mounts:\n  /data:\n    resource: ram\nmode: write\n";

/// A home whose daemon takes any free port, and a descriptor in the directory where commands run.
fn home(variables: &[(&'static str, &str)]) -> Home {
    let home = Home::with(&[&[("WAYPOST_DAEMON_PORT", "0")], variables].concat());
    std::fs::write(home.env.path("ws.yaml"), WORKSPACE).unwrap();
    home
}

#[tokio::test]
async fn the_quick_start_works_to_the_letter_and_leaves_nothing_running() {
    let home = home(&[("WAYPOST_IDLE_GRACE_SECONDS", "0")]);
    let (code, out, err) = home.run(&["workspace", "create", "ws.yaml", "--id", "demo"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["id"], "demo");
    let script = "echo hello > /data/hello.txt && cat /data/hello.txt";
    let (code, out, err) = home.run(&["execute", "--workspace", "demo", "--command", script]);
    assert_eq!((code, out.as_str()), (0, "hello\n"), "{err}");
    let (code, _, err) = home.run(&["workspace", "snapshot", "demo", "demo.tar"]);
    assert_eq!(code, 0, "{err}");
    assert!(std::fs::metadata(home.env.path("demo.tar")).unwrap().len() > 0);
    let (code, _, err) = home.run(&["workspace", "delete", "demo"]);
    assert_eq!(code, 0, "{err}");
    home.gone().await;
    // From the tar, another one is started.
    let (code, _, err) = home.run(&["workspace", "load", "demo.tar", "--id", "again"]);
    assert_eq!(code, 0, "{err}");
    let (_, out, _) = home.run(&["execute", "-w", "again", "-c", "cat /data/hello.txt"]);
    assert_eq!(out, "hello\n");
}

#[test]
fn two_commands_at_once_share_one_daemon() {
    let home = home(&[]);
    let ids = ["a", "b", "c", "d"];
    let mut commands: Vec<Process> =
        ids.iter().map(|id| Process::spawn(home.command(&["workspace", "create", "ws.yaml", "--id", id]))).collect();
    for command in &mut commands {
        assert!(command.wait(LIMIT).success(), "{}", command.stderr());
    }
    let status = home.json(&["daemon", "status"]);
    assert_eq!((&status["workspaces"], &status["pid"]), (&ids.len().into(), &home.pid().into()));
    let (_, log, _) = home.run(&["daemon", "logs"]);
    assert_eq!(log.matches("/v1 is served").count(), 1, "{log}");
}

#[test]
fn only_what_makes_a_workspace_starts_one_and_only_on_this_machine() {
    let home = home(&[]);
    for args in [&["workspace", "list"][..], &["execute", "-w", "demo", "-c", "true"], &["job", "list"]] {
        let (code, _, err) = home.run(args);
        assert!(code == 3 && err.contains("waypost daemon start"), "{args:?}: {code} {err}");
    }
    let create = ["workspace", "create", "ws.yaml"];
    // Nothing we start speaks TLS.
    let (code, _, err) = home.run(&[&create[..], &["--url", "https://127.0.0.1:1"]].concat());
    assert!(code != 0 && err.contains("https://127.0.0.1:1"), "{err}");
    assert!(!home.env.path("home/run").exists() || !home.is_held());
}

#[test]
fn the_url_says_where_it_is_started() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://localhost:{}", free.port());
    let home = home(&[("MIRAGE_DAEMON_URL", &url)]);
    let (code, _, err) = home.run(&["workspace", "create", "ws.yaml", "--id", "demo"]);
    assert_eq!(code, 0, "{err}");
    let status = home.json(&["daemon", "status"]);
    assert_eq!(status["url"], format!("http://{free}"));
    // Its own token goes along: it is the same daemon by another name.
    let (code, _, err) = home.run(&["workspace", "get", "demo"]);
    assert_eq!(code, 0, "{err}");
}

#[test]
fn one_that_cannot_start_says_why() {
    let home = home(&[("MIRAGE_AUTH_MODE", "token")]);
    let (code, _, err) = home.run(&["workspace", "create", "ws.yaml"]);
    assert!(code == 7 && err.contains("there is no token"), "{code} {err}");
    assert!(!home.is_held());
}
