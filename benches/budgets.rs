//! Measures the budgets of the design on this machine and prints them as a table: `cargo bench`.
//!
//! Drives the real binary. Nothing is asserted: a budget that is missed shows in the table.

mod support;

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use support::{Connection, archive, latencies, load, machine, milliseconds, output, serve, waypost};

struct Row {
    what: &'static str,
    measured: String,
    budget: &'static str,
}

fn main() {
    // `cargo test --benches` and editors call it with other arguments: it has nothing to check there.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let rig = Rig::start(dir.path());
    let rows = [
        vec![first_heartbeat(dir.path(), &rig)],
        vec![idle_memory(&rig)],
        echo(&rig),
        vec![crowd(&rig)],
        relayed(&rig),
        big_workspace(&rig),
        vec![snapshot(&rig)],
    ];
    println!("\nmeasured on {}\n", machine());
    println!("| what | measured | budget |\n| --- | --- | --- |");
    for row in rows.into_iter().flatten() {
        println!("| {} | {} | {} |", row.what, row.measured, row.budget);
    }
}

/// A gateway and a node as processes, with persistence, as installed ones have it.
struct Rig {
    gateway: Child,
    node: Child,
    gateway_url: String,
    key: String,
    node_url: String,
    node_token: String,
}

impl Drop for Rig {
    fn drop(&mut self) {
        for child in [&mut self.gateway, &mut self.node] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Rig {
    fn start(dir: &Path) -> Self {
        let mut create = waypost(dir, "gw");
        create.args(["gateway", "key", "create", "--scope", "enroll,call,admin"]);
        let key = output(create);
        let mut gateway = waypost(dir, "gw");
        gateway.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json"]);
        let (gateway, listening) = serve(gateway);
        let gateway_url = listening["listening"].as_str().expect("a URL").to_owned();
        let mut setup = waypost(dir, "box");
        setup.args(["node", "setup", &key, "--gateway", &gateway_url, "--name", "box"]);
        output(setup);
        let mut node = waypost(dir, "box");
        node.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]);
        let (node, ready) = serve(node);
        let node_url = ready["api_url"].as_str().expect("a URL").to_owned();
        let node_token = std::fs::read_to_string(dir.join("box/api.token")).expect("a token").trim().to_owned();
        Self { gateway, node, gateway_url, key, node_url, node_token }
    }

    fn node_door(&self) -> Connection {
        Connection::open(&self.node_url, "", &self.node_token)
    }

    fn relayed_door(&self) -> Connection {
        Connection::open(&self.gateway_url, "/nodes/box", &self.key)
    }
}

/// From the start of the process to its first heartbeat, at a listener that does nothing else.
fn first_heartbeat(dir: &Path, rig: &Rig) -> Row {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut setup = waypost(dir, "starter");
    setup.args(["node", "setup", &rig.key, "--gateway", &rig.gateway_url, "--name", "starter"]);
    output(setup);
    let file = dir.join("starter/config.json");
    let mut config: Value = serde_json::from_slice(&std::fs::read(&file).expect("config")).expect("JSON");
    config["gateway_base_url"] = json!(format!("http://{}", listener.local_addr().expect("an address")));
    std::fs::write(&file, config.to_string()).expect("config");
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let mut node = waypost(dir, "starter");
            node.args(["node", "run", "--listen", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(Stdio::null());
            let begun = Instant::now();
            let mut node = node.spawn().expect("the binary starts");
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut bytes = [0; 64];
            let read = stream.read(&mut bytes).expect("a request");
            let elapsed = begun.elapsed();
            assert!(bytes[..read].starts_with(b"POST /v1/swarm/self-hosted/node/heartbeat"));
            let _ = node.kill();
            let _ = node.wait();
            elapsed
        })
        .collect();
    times.sort();
    let measured = format!("{} median, {} worst of {}", milliseconds(times[7]), milliseconds(times[14]), times.len());
    Row { what: "start of the process to first heartbeat", measured, budget: "30 ms" }
}

fn idle_memory(rig: &Rig) -> Row {
    std::thread::sleep(Duration::from_secs(3));
    let status = std::fs::read_to_string(format!("/proc/{}/status", rig.node.id())).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim();
    let kilobytes: f64 = resident.trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    Row {
        what: "idle resident memory, joined, no workspaces",
        measured: format!("{:.1} MB", kilobytes / 1000.0),
        budget: "15 MB",
    }
}

fn echo(rig: &Rig) -> Vec<Row> {
    let mut door = rig.node_door();
    door.json("POST", "/v1/workspaces", &json!({ "id": "echo", "config": { "mounts": {} } }));
    for n in 0..16 {
        door.json("POST", "/v1/workspaces/echo/sessions", &json!({ "session_id": format!("s{n}") }));
    }
    let once = |connection: &mut Connection| {
        connection.json("POST", "/v1/workspaces/echo/execute", &json!({ "command": "echo hello" }));
    };
    let (one, one_per_second) = load(vec![rig.node_door()], 4, once);
    // Each connection keeps to one session: one session is a queue.
    let sessions = |connection: &mut Connection| {
        let session = connection.stream.local_addr().expect("an address").port() % 16;
        let execute = json!({ "command": "echo hello", "session_id": format!("s{session}") });
        connection.json("POST", "/v1/workspaces/echo/execute", &execute);
    };
    let (many, many_per_second) = load((0..16).map(|_| rig.node_door()).collect(), 4, sessions);
    vec![
        Row {
            what: "`/v1` execute of `echo`, loopback, 1 connection",
            measured: format!("{}, {one_per_second:.0} per s", latencies(&one)),
            budget: "p50 0.3 ms",
        },
        Row {
            what: "the same, 16 connections",
            measured: format!("{}, {many_per_second:.0} per s", latencies(&many)),
            budget: "5,000 per s and core",
        },
    ]
}

/// 64 sessions of one workspace at once, two of which never come to an end by themselves.
fn crowd(rig: &Rig) -> Row {
    let mut door = rig.node_door();
    door.json("POST", "/v1/workspaces", &json!({ "id": "crowd", "config": { "mounts": {} } }));
    for n in 0..64 {
        door.json("POST", "/v1/workspaces/crowd/sessions", &json!({ "session_id": format!("s{n}") }));
    }
    let endless: Vec<_> = (62..64)
        .map(|n| {
            let mut door = rig.node_door();
            std::thread::spawn(move || {
                let script = json!({ "command": "while :; do :; done", "session_id": format!("s{n}"), "timeout_s": 8 });
                let answer = door.json("POST", "/v1/workspaces/crowd/execute", &script);
                assert_eq!(answer["exit_code"], 124, "{answer}");
            })
        })
        .collect();
    let connections: Vec<Connection> = (0..62).map(|_| rig.node_door()).collect();
    let ports: Vec<u16> = connections.iter().map(|one| one.stream.local_addr().expect("an address").port()).collect();
    // A person or an agent behind each session: a line, and a while until the next.
    let (times, per_second) = load(connections, 6, |connection| {
        let port = connection.stream.local_addr().expect("an address").port();
        let session = ports.iter().position(|other| *other == port).expect("one of them");
        let script =
            json!({ "command": "echo hello | wc -c > /tmp/$$; cat /tmp/$$", "session_id": format!("s{session}") });
        connection.json("POST", "/v1/workspaces/crowd/execute", &script);
        std::thread::sleep(Duration::from_millis(100));
    });
    for script in endless {
        script.join().expect("it ends by its limit");
    }
    let at = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1000.0 - 100.0;
    Row {
        what: "62 sessions with a line every 100 ms beside 2 with endless loops",
        measured: format!("p50 {:.1} ms, p99 {:.1} ms, {per_second:.0} per s", at(0.5), at(0.99)),
        budget: "p99 50 ms",
    }
}

fn relayed(rig: &Rig) -> Vec<Row> {
    let once = |connection: &mut Connection| {
        connection.json("POST", "/v1/workspaces/echo/execute", &json!({ "command": "echo hello" }));
    };
    let (door, door_per_second) = load(vec![rig.relayed_door()], 4, once);
    let queue = |connection: &mut Connection| {
        let job = json!({ "node": "box", "operation": "workspaces.execute", "params": { "id": "echo", "command": "echo hello" } });
        let job = connection.json("POST", "/v1/jobs", &job);
        let wait = format!("/v1/jobs/{}/wait", job["id"].as_str().expect("an id"));
        let job = connection.json("POST", &wait, &json!({}));
        assert_eq!(job["state"], "succeeded", "{job}");
    };
    let (queued, queued_per_second) = load(vec![Connection::open(&rig.gateway_url, "", &rig.key)], 4, queue);
    vec![
        Row {
            what: "relayed execute of `echo` (`/nodes/box/v1/…`), request to answer",
            measured: format!("{}, {door_per_second:.0} per s", latencies(&door)),
            budget: "p50 2 ms, p99 10 ms",
        },
        Row {
            what: "the same as a durable job: submit, then wait",
            measured: format!("{}, {queued_per_second:.0} per s", latencies(&queued)),
            budget: "",
        },
    ]
}

fn big_workspace(rig: &Rig) -> Vec<Row> {
    let mut door = rig.node_door();
    let tar = archive(10_000, 107_374);
    let bytes = tar.len();
    let begun = Instant::now();
    let mut gateway = Connection::open(&rig.gateway_url, "", &rig.key);
    let (status, blob) = gateway.call("PUT", "/v1/blobs", "application/octet-stream", &tar);
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&blob));
    drop(tar);
    let blob: Value = serde_json::from_slice(&blob).expect("JSON");
    let load = json!({ "node": "box", "operation": "workspaces.load", "params": { "id": "big", "mount": "/data" },
                       "body": { "sha256": blob["sha256"] } });
    let job = gateway.json("POST", "/v1/jobs", &load);
    let wait = format!("/v1/jobs/{}/wait", job["id"].as_str().expect("an id"));
    let job = gateway.json("POST", &wait, &json!({ "timeout_s": 300 }));
    assert_eq!(job["state"], "succeeded", "{job}");
    let loaded = begun.elapsed();
    let mut times: Vec<Duration> = (0..50)
        .map(|n| {
            let begun = Instant::now();
            door.json("POST", "/v1/workspaces/big/clone", &json!({ "id": format!("clone-{n}") }));
            begun.elapsed()
        })
        .collect();
    times.sort();
    vec![
        Row {
            what: "clone of a workspace of 10,000 files and 1 GiB, over HTTP, kept on disk",
            measured: format!(
                "{} median, {} worst of {}",
                milliseconds(times[25]),
                milliseconds(times[49]),
                times.len()
            ),
            budget: "1 ms",
        },
        Row {
            what: "load of the same from a tar, as a job through the gateway, kept on both disks",
            measured: format!("{:.2} s, {:.0} MB/s", loaded.as_secs_f64(), bytes as f64 / 1e6 / loaded.as_secs_f64()),
            budget: "",
        },
    ]
}

fn snapshot(rig: &Rig) -> Row {
    let mut door = rig.node_door();
    let tar = archive(50, 1 << 20);
    let (status, _) = door.call("POST", "/v1/workspaces/load?id=fifty&mount=/data", "application/x-tar", &tar);
    assert_eq!(status, 201);
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            let begun = Instant::now();
            let (status, body) = door.call("GET", "/v1/workspaces/fifty/snapshot", "text/plain", b"");
            assert!(status == 200 && body.len() > 50 << 20);
            begun.elapsed()
        })
        .collect();
    times.sort();
    // The same bytes through a loopback socket with nothing in between: what the machine itself can do.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let bare = std::thread::scope(|scope| {
        scope.spawn(|| listener.accept().expect("a connection").0.write_all(&tar).expect("sent"));
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address).expect("a connection");
        let mut buffer = Vec::with_capacity(tar.len());
        stream.read_to_end(&mut buffer).expect("read");
        begun.elapsed()
    });
    let measured = format!("{} ({} for the same bytes over a bare socket)", milliseconds(times[4]), milliseconds(bare));
    Row { what: "snapshot of 50 MiB over HTTP", measured, budget: "80 % of memory's speed" }
}
