//! Side by side with the reference daemon, in one run on one machine: `WAYPOST_CLIENTS=DIR cargo bench --bench reference`.
//!
//! `DIR` holds one virtual environment per version of `mirage-ai` (`v0.0.6/bin/python`), as `.ci/run` makes them under
//! `target/ci/`. Every daemon is started the way its own command line starts it and is spoken to over the same plain
//! connection.

mod support;

use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Connection, latencies, load, machine};

const TOKEN: &str = "a-token-for-benches-0123456789abcdef";

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let clients = std::env::var_os("WAYPOST_CLIENTS").map(PathBuf::from);
    let clients = clients.expect("WAYPOST_CLIENTS names the directory of the reference's virtual environments");
    let kinds = [Kind::Ours, Kind::Reference("0.0.6"), Kind::Reference("0.0.7")];
    let columns: Vec<Vec<(&str, String)>> = kinds
        .iter()
        .map(|kind| {
            eprintln!("measuring {kind:?}…");
            column(*kind, &clients)
        })
        .collect();
    println!("\nmeasured on {}\n", machine());
    println!("| | Waypost | 0.0.6 | 0.0.7 |\n| --- | --- | --- | --- |");
    for row in 0..columns[0].len() {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].1.as_str()).collect();
        println!("| {} | {} |", columns[0][row].0, cells.join(" | "));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ours,
    Reference(&'static str),
}

struct Daemon {
    kind: Kind,
    child: Child,
    url: String,
    _dir: tempfile::TempDir,
    started: Duration,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    /// Starts it and waits for the first healthy answer.
    fn start(kind: Kind, clients: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut command = match kind {
            Kind::Ours => {
                let mut command = support::waypost(dir.path(), "home");
                command.args(["daemon", "start", "--foreground", "--listen", &format!("127.0.0.1:{port}")]);
                command.env("WAYPOST_AUTH_MODE", "token").env("WAYPOST_AUTH_TOKEN", TOKEN);
                command
            }
            Kind::Reference(version) => {
                let mut command = Command::new(clients.join(format!("v{version}/bin/python")));
                command.args(["-m", "uvicorn", "mirage.server.daemon:app", "--host", "127.0.0.1", "--port"]);
                command.args([&port.to_string(), "--log-level", "warning"]);
                command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", dir.path());
                command.env("MIRAGE_AUTH_MODE", "token").env("MIRAGE_AUTH_TOKEN", TOKEN);
                command
            }
        };
        let begun = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let url = format!("http://127.0.0.1:{port}");
        let mut daemon =
            Self { kind, child: child.expect("the daemon starts"), url, _dir: dir, started: Duration::ZERO };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(daemon.child.try_wait().expect("a state").is_none(), "the daemon ended");
            assert!(begun.elapsed() < Duration::from_secs(60), "the daemon does not listen");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(daemon.connect().call("GET", "/v1/health", "text/plain", b"").0, 200);
        daemon.started = begun.elapsed();
        daemon
    }

    fn connect(&self) -> Connection {
        Connection::open(&self.url, "", TOKEN)
    }

    fn create(&self, connection: &mut Connection, id: &str) {
        let key = if self.kind == Kind::Reference("0.0.7") { "vfs" } else { "resource" };
        let config = json!({ "mounts": { "/data": { key: "ram", "mode": "WRITE" } } });
        connection.json("POST", "/v1/workspaces", &json!({ "id": id, "config": config }));
    }

    /// The route of a line, in each one's own form.
    fn line(&self, id: &str) -> String {
        let verb = if self.kind == Kind::Reference("0.0.7") { "shell" } else { "execute" };
        format!("/v1/workspaces/{id}/{verb}")
    }

    fn execute(&self, connection: &mut Connection, id: &str, command: &str) -> Value {
        let answer = connection.json("POST", &self.line(id), &json!({ "command": command }));
        assert_eq!(answer["exit_code"], 0, "{command}: {answer}");
        answer
    }
}

fn column(kind: Kind, clients: &Path) -> Vec<(&'static str, String)> {
    let mut starts: Vec<Duration> = (0..4).map(|_| Daemon::start(kind, clients).started).collect();
    let daemon = Daemon::start(kind, clients);
    starts.push(daemon.started);
    starts.sort();
    std::thread::sleep(Duration::from_secs(2));
    let mut rows = vec![
        ("start to the first healthy answer, median of 5", format!("{:.0} ms", starts[2].as_secs_f64() * 1e3)),
        ("idle resident memory", resident(&daemon)),
    ];
    daemon.create(&mut daemon.connect(), "echo");
    let path = daemon.line("echo");
    let hello = |connection: &mut Connection| {
        connection.json("POST", &path, &json!({ "command": "echo hello" }));
    };
    for (what, connections) in [("`echo hello`, 1 connection", 1), ("`echo hello`, 16 connections", 16)] {
        let (times, per_second) = load((0..connections).map(|_| daemon.connect()).collect(), 4, hello);
        rows.push((what, format!("{per_second:.0} per s, {}", latencies(&times))));
    }
    let kib = "x".repeat(1024);
    let write = format!("printf %s {kib} > /data/f && cat /data/f");
    let (times, per_second) = load(vec![daemon.connect()], 4, |connection| {
        daemon.execute(connection, "echo", &write);
    });
    rows.push(("write and read back 1 KiB, 1 connection", format!("{per_second:.0} per s, {}", latencies(&times))));
    // The reference hangs up on connections that were idle for 5 s.
    let mut connection = daemon.connect();
    rows.push(("`grep -r` over 1,000 files of 1 KiB, median of 20", grep(&daemon, &mut connection)));
    rows.push(("snapshot of 50 MiB, median of 5", snapshot(&daemon, &mut connection)));
    let begun = Instant::now();
    for n in 0..100 {
        daemon.create(&mut connection, &format!("w{n}"));
    }
    for n in 0..100 {
        connection.json("DELETE", &format!("/v1/workspaces/w{n}"), &json!({}));
    }
    rows.push(("create and delete 100 workspaces", format!("{:.0} ms", begun.elapsed().as_secs_f64() * 1e3)));
    rows
}

fn resident(daemon: &Daemon) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim();
    let kilobytes: f64 = line.trim_end_matches(" kB").parse().unwrap_or(f64::NAN);
    format!("{:.0} MB", kilobytes / 1000.0)
}

fn grep(daemon: &Daemon, connection: &mut Connection) -> String {
    daemon.create(connection, "grep");
    let text = "some words that are not looked for\n".repeat(29);
    let write = format!(
        "mkdir -p /data/t; for i in $(seq 1000); do printf '%s' '{text}' > /data/t/f$i; done; echo needle >> /data/t/f77"
    );
    daemon.execute(connection, "grep", &write);
    median(20, || {
        let answer = daemon.execute(connection, "grep", "grep -r needle /data/t");
        assert!(answer["stdout"].as_str().is_some_and(|found| found.contains("f77")), "{answer}");
    })
}

fn snapshot(daemon: &Daemon, connection: &mut Connection) -> String {
    daemon.create(connection, "fifty");
    // 25 files of 2 MiB, each its own.
    let write =
        "for i in $(seq 25); do for j in $(seq 2048); do printf '%01023d\\n' $((i * j)); done > /data/f$i; done";
    daemon.execute(connection, "fifty", write);
    median(5, || match daemon.kind {
        Kind::Reference("0.0.6") => {
            let answer = connection.json("POST", "/v1/workspaces/fifty/snapshot", &json!({ "path": "fifty.tar" }));
            assert!(answer["size"].as_u64().is_some_and(|size| size > 50 << 20), "{answer}");
        }
        _ => {
            let (status, body) = connection.call("GET", "/v1/workspaces/fifty/snapshot", "text/plain", b"");
            assert!(status == 200 && body.len() > 50 << 20, "{status}, {} bytes", body.len());
        }
    })
}

fn median(times: usize, mut run: impl FnMut()) -> String {
    let mut all: Vec<Duration> = (0..times)
        .map(|_| {
            let begun = Instant::now();
            run();
            begun.elapsed()
        })
        .collect();
    all.sort();
    format!("{:.1} ms", all[times / 2].as_secs_f64() * 1e3)
}
