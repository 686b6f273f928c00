//! The node as a service manager sees it: what it is told, how the process ends, and what is left to read then.

use crate::support::{Gateway, Node, Process, TestEnv, http, wait_until};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// The manager's end of `NOTIFY_SOCKET`.
#[cfg(target_os = "linux")]
struct Manager {
    socket: std::os::unix::net::UnixDatagram,
    path: std::path::PathBuf,
    heard: Vec<String>,
    seen: usize,
}

#[cfg(target_os = "linux")]
impl Manager {
    fn new(env: &TestEnv) -> Self {
        let path = env.path("notify");
        let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, path, heard: Vec::new(), seen: 0 }
    }

    /// Starts the node of a home under this manager, with a watchdog of a second.
    fn run(&self, env: &TestEnv, home: &str) -> Process {
        let mut command = env.waypost(home);
        command.args(["node", "run", "--listen", "127.0.0.1:0"]);
        command.env("NOTIFY_SOCKET", &self.path).env("WATCHDOG_USEC", "1000000");
        Process::spawn(command)
    }

    /// Listens until a word comes, after the one that was last waited for, that begins like this; gives the word.
    fn wait(&mut self, start: &str) -> String {
        let begun = std::time::Instant::now();
        loop {
            let found = self.heard[self.seen..].iter().position(|word| word.starts_with(start));
            if let Some(found) = found {
                self.seen += found + 1;
                return self.heard[self.seen - 1].clone();
            }
            assert!(begun.elapsed() < PATIENCE, "no {start}; heard {:#?}", self.heard);
            let mut buffer = [0; 4096];
            let length =
                self.socket.recv(&mut buffer).unwrap_or_else(|_| panic!("no {start}; heard {:#?}", self.heard));
            let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
            self.heard.extend(text.lines().map(str::to_owned));
        }
    }

    fn heard(&self, start: &str) -> usize {
        self.heard.iter().filter(|word| word.starts_with(start)).count()
    }
}

fn set_up(env: &TestEnv, gateway: &Gateway, home: &str) {
    let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box"];
    let (code, _, err) = env.run(home, &args);
    assert_eq!(code, 0, "{err}");
}

fn status(env: &TestEnv, home: &str) -> (i32, Value) {
    let (code, out, err) = env.run(home, &["node", "status", "--json"]);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_manager_hears_ready_status_and_the_end() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    set_up(&env, &gateway, "box");
    let mut manager = Manager::new(&env);
    let mut node = manager.run(&env, "box");
    manager.wait("READY=1");
    let line = manager.wait("STATUS=box is online");
    assert!(line.contains(&gateway.url), "{line}");
    for _ in 0..3 {
        manager.wait("WATCHDOG=1");
    }
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let id = gateway
        .submit(
            &json!({ "node": "box", "operation": "workspaces.execute", "params": { "id": "w", "command": "sleep 3" } }),
        )
        .await;
    wait_until("it runs", PATIENCE, async || {
        let job = gateway.get(&format!("/v1/jobs/{id}")).await;
        if job["state"] == "running" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
    node.signal(Signal::TERM);
    manager.wait("STOPPING=1");
    manager.wait("EXTEND_TIMEOUT_USEC=");
    manager.wait("STATUS=draining: no new jobs, 1 job left");
    manager.wait("WATCHDOG=1");
    manager.wait("STATUS=stopped");
    assert_eq!(node.wait(PATIENCE).code(), Some(0), "{}", node.stderr());
    assert_eq!((manager.heard("READY=1"), manager.heard("STOPPING=1")), (1, 1), "{:#?}", manager.heard);
    assert_eq!(gateway.get(&format!("/v1/jobs/{id}")).await["state"], "succeeded");
    let (code, status) = status(&env, "box");
    assert_eq!((code, &status["state"], &status["last_job"]["id"]), (3, &json!("stopped"), &json!(id)), "{status:#}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_away_at_boot_is_waited_for() {
    let env = TestEnv::new();
    let mut gateway = Gateway::start(&env);
    set_up(&env, &gateway, "box");
    gateway.kill();
    let mut manager = Manager::new(&env);
    let node = manager.run(&env, "box");
    manager.wait(&format!("STATUS=waiting for the gateway {}: ", gateway.url));
    manager.wait("WATCHDOG=1");
    gateway.restart(&env);
    manager.wait("READY=1");
    manager.wait("STATUS=box is online");
    drop(node);
}

/// Accepts every connection and answers one byte after the other, for ever.
#[cfg(target_os = "linux")]
fn dripping() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 65536]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
                while stream.write_all(b" ").is_ok() {
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
        }
    });
    url
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_drips_its_answers_stalls_nothing() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    set_up(&env, &gateway, "box");
    let config = env.path("box/config.json");
    let text = std::fs::read_to_string(&config).unwrap().replace(&gateway.url, &dripping());
    std::fs::write(&config, text).unwrap();
    let mut manager = Manager::new(&env);
    let _node = manager.run(&env, "box");
    let line = manager.wait("STATUS=waiting for the gateway http://127.0.0.1:");
    let line = if line.contains("in time") { line } else { manager.wait("STATUS=waiting for the gateway") };
    assert!(line.contains("no answer in time"), "{line}");
    manager.wait("WATCHDOG=1");
    let (_, status) = status(&env, "box");
    assert_eq!(status["conditions"][0]["ok"], true, "{status:#}");
}

/// A disk that does not answer, as the heartbeat loop sees one: a token file that never comes to its end.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_loop_is_told_and_not_fed_until_it_goes_on() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    set_up(&env, &gateway, "box");
    // The same machine is set up elsewhere: the token here is good no more, and the node looks for a new one.
    std::fs::create_dir(env.path("copy")).unwrap();
    rustix::fs::chmod(env.path("copy"), Mode::from_raw_mode(0o700)).unwrap();
    std::fs::copy(env.path("box/machine.id"), env.path("copy/machine.id")).unwrap();
    set_up(&env, &gateway, "copy");
    let mut manager = Manager::new(&env);
    let _node = manager.run(&env, "box");
    manager.wait("STATUS=unauthorized");
    let key = env.path("box/node.key");
    std::fs::remove_file(&key).unwrap();
    mknodat(CWD, &key, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();

    manager.wait("STATUS=unauthorized: the heartbeat loop has not gone on");
    let (_, seen) = status(&env, "box");
    assert_eq!(seen["conditions"][0]["reason"], "stalled", "{seen:#}");
    let from = manager.seen;
    for _ in 0..2 {
        manager.wait("STATUS=unauthorized: the heartbeat loop has not gone on");
    }
    assert!(!manager.heard[from..].contains(&"WATCHDOG=1".to_owned()), "{:#?}", &manager.heard[from..]);
    std::fs::write(&key, "msn_of_no_use\n").unwrap();
    manager.wait("WATCHDOG=1");
    assert_eq!(manager.heard("READY=1"), 0, "{:#?}", manager.heard);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_node_ends_says_why_and_comes_back_by_a_new_setup() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    let before = status(&env, "box").1;
    let (code, out, err) = env.run("gw", &["gateway", "key", "create", "--scope", "admin", "--json"]);
    assert_eq!(code, 0, "{err}");
    let admin = serde_json::from_str::<Value>(&out).unwrap()["key"].as_str().unwrap().to_owned();
    let removed = http().delete(format!("{}/v1/nodes/box", gateway.url)).bearer_auth(&admin).send().await.unwrap();
    assert!(removed.status().is_success());
    assert_eq!(node.process.wait(PATIENCE).code(), Some(5), "{}", node.process.stderr());
    assert!(node.process.stderr().contains("waypost node setup"), "{}", node.process.stderr());

    let (code, after) = status(&env, "box");
    assert_eq!((code, &after["state"], &after["running"]), (3, &json!("removed"), &json!(false)), "{after:#}");
    let (_, text, _) = env.run("box", &["node", "status"]);
    for part in ["box is removed", "not installed as a service", "join again with `waypost node setup KEY`"] {
        assert!(text.contains(part), "{text}");
    }
    // Started again it learns the same at once: a service manager must not try for ever.
    let mut again = env.waypost("box");
    again.args(["node", "run", "--listen", "127.0.0.1:0"]);
    assert_eq!(Process::spawn(again).wait(PATIENCE).code(), Some(5));

    set_up(&env, &gateway, "box");
    assert_eq!(status(&env, "box").1["state"], "stopped");
    (node.process, node.api_url) = Node::run(&env, "box");
    node.online(&gateway).await;
    assert_eq!(status(&env, "box").1["node_id"], before["node_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_ends_the_token_and_is_seen_at_the_gateway() {
    use waypost::daemon::{DaemonError, Left, check_key, leave, own_node};
    use waypost::{base::Secret, client::Network, state::Home};
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let good =
        check_key(&gateway.url, &Secret::new(gateway.enroll.as_str()), &Network::default()).await.unwrap().unwrap();
    assert!(good.ok && good.uses_left.is_none());
    let refused = check_key(&gateway.url, &Secret::new(gateway.call.as_str()), &Network::default()).await;
    assert!(matches!(&refused, Err(DaemonError::Unauthorized(why)) if why.contains("enroll")), "{refused:?}");
    let home = Home::locate(Some(env.path("box"))).unwrap();
    assert!(matches!(own_node(&home).await, Err(DaemonError::NotSetUp)));

    set_up(&env, &gateway, "box");
    assert_eq!(own_node(&home).await.unwrap().unwrap().name, "box");
    assert_eq!(leave(&home, Some("systemd")).await.unwrap(), Left::Now(gateway.url.clone()));
    assert_eq!(leave(&home, None).await.unwrap(), Left::Now(gateway.url.clone()));
    assert!(matches!(own_node(&home).await, Err(DaemonError::NodeRemoved(_))));
    let removed = gateway.get("/v1/nodes?removed=true").await;
    assert_eq!(removed["items"][0]["state"], "removed", "{removed:#}");
    assert_eq!(gateway.get("/v1/nodes").await["items"], json!([]));
    set_up(&env, &gateway, "box");
    assert_eq!(own_node(&home).await.unwrap().unwrap().node_id, removed["items"][0]["id"]);
}

#[test]
fn a_node_that_cannot_start_ends_at_once_with_its_reason() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    set_up(&env, &gateway, "box");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, err) = env.run("box", &["node", "run", "--listen", &address]);
    assert_eq!(code, 7, "{err}");
    let (code, status) = status(&env, "box");
    assert_eq!((code, &status["state"]), (3, &json!("failed")), "{status:#}");
    assert!(status["conditions"][0]["message"].as_str().unwrap().contains(&address), "{status:#}");
    std::fs::write(env.path("box/config.json"), "{").unwrap();
    assert_eq!(env.run("box", &["node", "run"]).0, 7);
    std::fs::remove_file(env.path("box/config.json")).unwrap();
    assert_eq!(env.run("box", &["node", "run"]).0, 4);
    assert_eq!(env.run("box", &["node", "run", "--bogus"]).0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_left_no_last_word() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let mut node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    wait_until("it says so", PATIENCE, async || {
        let status = status(&env, "box").1;
        if status["state"] == "online" { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
    node.process.kill();
    let (code, status) = status(&env, "box");
    assert_eq!((code, &status["conditions"][0]["reason"]), (3, &json!("no_last_word")), "{status:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_drains_it_while_it_runs_and_over_a_restart() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    assert_eq!(env.run("box", &["node", "drain"]).0, 4);
    let mut node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let run =
        json!({ "node": "box", "operation": "workspaces.execute", "params": { "id": "w", "command": "sleep 5" } });
    let long = gateway.submit(&run).await;
    wait_until("it runs", PATIENCE, async || {
        let job = gateway.get(&format!("/v1/jobs/{long}")).await;
        if job["state"] == "running" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
    let (code, _, err) = env.run("box", &["node", "drain", "--wait", "--timeout", "0"]);
    assert!(code == 9 && err.contains("still run"), "{code} {err}");
    wait_until("the gateway knows", PATIENCE, async || {
        let seen = gateway.get("/v1/nodes/box").await;
        if seen["state"] == "draining" { Ok(()) } else { Err(seen.to_string()) }
    })
    .await;
    let queued = gateway.submit(&json!({ "node": "box", "operation": "workspaces.list" })).await;
    let (code, out, err) = env.run("box", &["node", "drain", "--wait", "--json"]);
    assert_eq!(code, 0, "{err}");
    let drained: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(drained, json!({ "drained": true, "running": true, "jobs_left": 0 }));
    assert_eq!(gateway.end_of(&long, PATIENCE).await["state"], "succeeded");
    assert_eq!(gateway.get(&format!("/v1/jobs/{queued}")).await["state"], "queued");

    node.kill_and_restart(&env);
    wait_until("it is drained again", PATIENCE, async || {
        let status = status(&env, "box").1;
        if status["state"] == "draining" && status["drained"] == true { Ok(()) } else { Err(status.to_string()) }
    })
    .await;
    assert!(env.run("box", &["node", "status"]).1.contains("as its owner wants"));
    assert_eq!(gateway.get(&format!("/v1/jobs/{queued}")).await["state"], "queued");
    let (code, out, err) = env.run("box", &["node", "resume"]);
    assert!(code == 0 && out.contains("again"), "{code} {out} {err}");
    assert_eq!(gateway.end_of(&queued, PATIENCE).await["state"], "succeeded");

    node.process.signal(Signal::TERM);
    node.process.wait(PATIENCE);
    let (code, out, _) = env.run("box", &["node", "drain"]);
    assert!(code == 0 && out.contains("does not run"), "{code} {out}");
    assert_eq!(status(&env, "box").1["drained"], true);
}
