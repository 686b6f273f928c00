//! From start to end.

use super::{Home, LIMIT, call, create, delete};
use crate::support::{Gateway, Node, Process, TestEnv};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;

#[test]
fn start_status_stop_and_each_of_them_twice() {
    let home = Home::new();
    let (code, out, _) = home.run(&["daemon", "status"]);
    assert_eq!((code, out.as_str()), (1, "Daemon not running. URL: http://127.0.0.1:1\n"));
    assert_eq!(home.run(&["daemon", "stop"]).0, 3);

    let url = home.start(&[]);
    let pid = home.pid();
    let (code, out, err) = home.run(&["daemon", "start"]);
    assert_eq!((code, out), (0, format!("Running already. PID {pid}. URL: {url}\n")), "{err}");
    let (code, out, _) = home.run(&["daemon", "status"]);
    assert!(code == 0 && out.starts_with(&format!("Running. PID {pid}, uptime ")), "{out}");
    assert!(out.trim_end().ends_with(&format!("s, 0 workspaces. URL: {url}")), "{out}");
    let status = home.json(&["daemon", "status"]);
    assert_eq!((&status["running"], &status["pid"], &status["url"]), (&true.into(), &pid.into(), &url.into()));
    assert_eq!((&status["status"], &status["workspaces"]), (&"ok".into(), &0.into()));

    let (code, out, err) = home.run(&["daemon", "stop"]);
    assert_eq!((code, out.as_str()), (0, "Stopped (via graceful).\n"), "{err}");
    assert_eq!(home.run(&["daemon", "stop"]).0, 3);
    assert_eq!(home.run(&["daemon", "status"]).0, 1);
    home.start(&[]);
}

#[test]
fn it_is_nobody_s_child_and_logs_to_a_private_file() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.start(&[]);
    let pid = rustix::process::Pid::from_raw(home.pid() as i32).unwrap();
    assert_eq!(rustix::process::getsid(Some(pid)).unwrap(), pid);
    let log = home.env.path("home").join("logs/daemon.log");
    assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    let (code, out, _) = home.run(&["daemon", "logs", "-n", "1"]);
    assert!(code == 0 && out.lines().count() == 1 && out.contains("/v1 is served"), "{out}");
    assert!(!out.contains(&home.token()));
}

#[tokio::test]
async fn a_restart_ends_the_old_one_and_keeps_what_it_was_given() {
    let home = Home::new();
    let dir = home.env.path("open");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("here.txt"), "yes\n").unwrap();
    // Relative to the caller, which is not where a daemon works.
    let url = home.start(&["--persist", "--allow-disk", "open"]);
    assert_eq!(create(&url, "kept").await.0, 201);
    let old = home.pid();
    let (code, out, err) = home.run(&["daemon", "restart", "--eager"]);
    assert_eq!((code, out.as_str()), (0, "Restarted (eager spawn).\n"), "{err}");
    assert_ne!(home.pid(), old);
    let url = home.json(&["daemon", "status"])["url"].as_str().unwrap().to_owned();
    let token = home.token();
    assert_eq!(call(Method::GET, &format!("{url}/v1/workspaces/kept"), None, None).await.0, 200);
    let body =
        json!({ "id": "disk", "config": { "mounts": { "/d": { "resource": "disk", "config": { "root": dir } } } } });
    let made = call(Method::POST, &format!("{url}/v1/workspaces"), Some(&token), Some(body)).await;
    assert_eq!(made.0, 201, "{made:?}");
    let (code, out, _) = home.run(&["daemon", "restart"]);
    assert_eq!((code, out.as_str()), (0, "Restarted; next CLI command will auto-spawn.\n"));
    assert!(!home.is_held());
}

#[tokio::test]
async fn without_persistence_nothing_is_left_and_with_a_directory_of_its_own_all_is() {
    let home = Home::new();
    assert_eq!(create(&home.start(&[]), "gone").await.0, 201);
    home.run(&["daemon", "stop"]);
    let url = home.start(&[]);
    assert_eq!(call(Method::GET, &format!("{url}/v1/workspaces"), None, None).await.1, json!([]));
    home.run(&["daemon", "stop"]);

    let mut home = Home::new();
    home.variables.push(("MAFS_PERSIST_DIR", home.env.path("theirs").display().to_string()));
    assert_eq!(create(&home.start(&[]), "kept").await.0, 201);
    home.run(&["daemon", "kill"]);
    let url = home.start(&[]);
    assert_eq!(call(Method::GET, &format!("{url}/v1/workspaces/kept"), None, None).await.0, 200);
    // It is one daemon's at a time, whatever its home.
    let mut other = home.env.waypost("another");
    other.args(["daemon", "start", "--listen", "127.0.0.1:0"]).envs(home.variables.iter().map(|(n, v)| (n, v)));
    let output = other.output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(12) && err.contains(&home.pid().to_string()), "{err}");
}

#[test]
fn kill_leaves_a_home_that_starts_again() {
    let home = Home::new();
    home.start(&[]);
    let pid = home.pid();
    let (code, out, _) = home.run(&["daemon", "kill"]);
    assert_eq!((code, out), (0, format!("Killed PID {pid}.\n")));
    let (code, out, _) = home.run(&["daemon", "kill"]);
    assert_eq!((code, out.as_str()), (0, "Daemon not running.\n"));
    // The lock file still names the dead process; the lock itself is free.
    assert_eq!(home.pid(), pid);
    assert_eq!(home.run(&["daemon", "status"]).0, 1);
    home.start(&[]);
    assert_ne!(home.pid(), pid);
}

#[test]
fn a_port_that_is_taken_is_named_and_nothing_is_left_behind() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, out, err) = home.run(&["daemon", "start", "--listen", &address]);
    assert_eq!((code, out.as_str()), (7, ""));
    assert!(err.contains(&format!("cannot listen at {address}")) && err.contains("--listen"), "{err}");
    assert!(!home.is_held());
    let (code, _, err) = home.run(&["daemon", "start", "--listen", "0.0.0.0:0"]);
    assert!(code == 7 && err.contains("not a loopback address"), "{err}");
}

#[test]
fn many_at_once_start_one() {
    let home = Home::new();
    let args = ["daemon", "start", "--listen", "127.0.0.1:0", "--json"];
    let piped = std::process::Stdio::piped;
    let commands: Vec<_> =
        (0..6).map(|_| home.command(&args).stdout(piped()).stderr(piped()).spawn().unwrap()).collect();
    let answers: Vec<serde_json::Value> = commands
        .into_iter()
        .map(|command| {
            let output = command.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).expect("JSON")
        })
        .collect();
    let pid = home.pid();
    assert!(answers.iter().all(|answer| answer["pid"] == pid), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer["started"] == true).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn it_ends_when_the_last_workspace_is_gone() {
    let home = Home::with(&[("MIRAGE_IDLE_GRACE_SECONDS", "0")]);
    let url = home.start(&[]);
    assert_eq!(create(&url, "one").await.0, 201);
    assert_eq!(create(&url, "two").await.0, 201);
    assert_eq!(delete(&url, "one").await.0, 200);
    assert!(home.is_held());
    assert_eq!(delete(&url, "two").await.0, 200);
    home.gone().await;
    let (_, out, _) = home.run(&["daemon", "logs"]);
    assert!(out.contains("no workspace is left"), "{out}");

    // What is kept is something to come back to.
    let url = home.start(&["--persist"]);
    assert_eq!(create(&url, "one").await.0, 201);
    assert_eq!(delete(&url, "one").await.0, 200);
    assert_eq!(create(&url, "one").await.0, 201);
}

#[tokio::test]
async fn one_that_was_started_for_a_command_does_not_wait_for_ever() {
    let home = Home::new();
    let args = ["daemon", "start", "--foreground", "--listen", "127.0.0.1:0", "--first-grace", "0.2", "--text"];
    let mut process = Process::spawn(home.command(&args));
    process.wait_line("Serving. PID", LIMIT);
    assert!(process.wait(LIMIT).success(), "{}", process.stderr());
}

#[test]
fn in_the_foreground_it_ends_with_a_signal() {
    let home = Home::new();
    let mut process =
        Process::spawn(home.command(&["daemon", "start", "--foreground", "--listen", "127.0.0.1:0", "--json"]));
    let line = process.wait_line("\"ready\"", LIMIT);
    assert!(line.contains(&format!("\"pid\":{}", process.pid())), "{line}");
    let (code, out, _) = home.run(&["daemon", "start"]);
    assert!(code == 0 && out.starts_with(&format!("Running already. PID {}.", process.pid())), "{out}");
    process.signal(Signal::INT);
    assert!(process.wait(LIMIT).success(), "{}", process.stderr());
}

#[tokio::test]
async fn one_that_does_not_end_in_time_gets_a_signal() {
    let home = Home::new();
    let url = home.start(&[]);
    assert_eq!(create(&url, "w").await.0, 201);
    let body = json!({ "command": "while :; do :; done", "background": true });
    let job = call(Method::POST, &format!("{url}/v1/workspaces/w/execute"), None, Some(body)).await;
    assert_eq!(job.0, 202, "{job:?}");
    let pid = home.pid();
    let (code, out, err) = home.run(&["daemon", "stop", "--timeout", "0"]);
    assert_eq!((code, out), (0, format!("Stopped (via sigterm, PID {pid}).\n")), "{err}");
    assert!(!home.is_held());
}

#[tokio::test]
async fn beside_a_node_of_the_same_home_there_is_no_daemon() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    let (code, out, err) = env.run("box", &["daemon", "start", "--text"]);
    let expected =
        format!("The node of this home serves /v1 already. PID {}. URL: {}\n", node.process.pid(), node.api_url);
    assert_eq!((code, out), (0, expected), "{err}");
    for verb in ["stop", "kill", "restart"] {
        let (code, _, err) = env.run("box", &["daemon", verb]);
        assert!(code == 12 && err.contains("node"), "{verb}: {err}");
    }
    assert_eq!(env.run("box", &["daemon", "status"]).0, 0);
    // A node asks for its token, whatever a daemon would do.
    assert_eq!(create(&node.api_url, "w").await.0, 401);
}
