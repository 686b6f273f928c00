//! A big workspace, 10,000 files and 1 GiB in memory, against GNU tar on the same files in the same run:
//! `cargo bench --bench workspaces`.
//!
//! Needs `tar`, about 8 GiB of disk and 4 GiB of memory. Both sides read and write the same directory's file system.

mod support;

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Connection, archive, machine, milliseconds, output, waypost};

const FILES: usize = 10_000;
const SIZE: usize = 107_374;
/// The first round of each side warms the page cache and is not counted.
const ROUNDS: usize = 4;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let tree = dir.path().join("tree.tar");
    std::fs::write(&tree, archive(FILES, SIZE)).expect("written");
    println!("measured on {}: {FILES} files, {} bytes\n", machine(), FILES * SIZE);
    println!("| what | measured | |\n| --- | --- | --- |");
    measure("in memory", dir.path(), &tree, &[]);
    measure("kept on disk", dir.path(), &tree, &["--persist"]);
}

/// All of it with one daemon. Both sides take turns, so that what else the machine does hits both.
fn measure(kind: &str, dir: &Path, tree: &Path, flags: &[&str]) {
    let daemon = Daemon::start(dir, flags);
    // Somebody who stays: a daemon that keeps nothing ends when its last workspace has been gone for a while.
    daemon.door().json("POST", "/v1/workspaces", &json!({ "id": "stays", "config": { "mounts": {} } }));
    let before = daemon.resident();
    let (files, last) = (dir.join("files"), format!("big{}", ROUNDS - 1));
    let (theirs, ours) = medians(|n| {
        let _ = std::fs::remove_dir_all(&files);
        std::fs::create_dir(&files).expect("a directory");
        let theirs = timed(|| run(Command::new("tar").arg("-xf").arg(tree).arg("-C").arg(&files)));
        let id = format!("big{n}");
        let ours = timed(|| {
            let mut load = daemon.client(dir);
            load.args(["workspace", "load"]).arg(tree).args(["--id", &id, "--mount", "/data"]);
            output(load);
        });
        if id != last {
            daemon.door().json("DELETE", &format!("/v1/workspaces/{id}"), &json!({}));
            // Its memory goes back to the system a moment later.
            std::thread::sleep(Duration::from_secs(2));
        }
        (theirs, ours)
    });
    row(kind, "load of a tar, against `tar -x` to files", theirs, ours);
    println!("| {kind}: resident memory for it | {:.0} MB | |", daemon.resident() - before);

    let (theirs, ours) = medians(|_| {
        let theirs =
            timed(|| run(Command::new("tar").arg("-cf").arg(dir.join("theirs.tar")).arg("-C").arg(&files).arg(".")));
        let ours = timed(|| {
            let mut snapshot = daemon.client(dir);
            snapshot.args(["workspace", "snapshot", &last]).arg(dir.join("ours.tar"));
            output(snapshot);
        });
        (theirs, ours)
    });
    row(kind, "snapshot to a file, against `tar -c` of the files", theirs, ours);

    let (before, mut door) = (daemon.resident(), daemon.door());
    let mut call =
        |path: &str, body: Value| timed(|| drop(door.json("POST", &format!("/v1/workspaces/{last}/{path}"), &body)));
    let cloned = median((0..51).map(|n| call("clone", json!({ "id": format!("clone{n}") }))).collect());
    let grown = daemon.resident() - before;
    let cloned = milliseconds(cloned);
    println!(
        "| {kind}: clone, over HTTP, median of 50 | {cloned} | resident memory of all 50 together: {grown:+.1} MB |"
    );

    let first = call("commit", json!({ "message": "all of it" }));
    println!("| {kind}: first commit of all files | {:.2} s | |", first.as_secs_f64());
    let commits = (0..21).map(|n| {
        let change = format!("for i in 0 1 2 3 4 5 6 7 8 9; do echo {n} >> /data/d$i/f$i; done");
        call("execute", json!({ "command": change }));
        call("commit", json!({ "message": "ten of them" }))
    });
    let commits = milliseconds(median(commits.collect()));
    println!("| {kind}: commit of 10 changed files, over HTTP, median of 20 | {commits} | |");
}

fn row(kind: &str, what: &str, theirs: Duration, ours: Duration) {
    let (theirs, ours) = (theirs.as_secs_f64(), ours.as_secs_f64());
    println!("| {kind}: {what} | {ours:.2} s against {theirs:.2} s | {:.0} % of tar's speed |", theirs / ours * 100.0);
}

/// The medians of both sides.
fn medians(round: impl FnMut(usize) -> (Duration, Duration)) -> (Duration, Duration) {
    let (theirs, ours) = (0..ROUNDS).map(round).unzip();
    (median(theirs), median(ours))
}

/// The median of all rounds but the first.
fn median(times: Vec<Duration>) -> Duration {
    let mut times = times[1..].to_vec();
    times.sort();
    times[times.len() / 2]
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

fn run(command: &mut Command) {
    assert!(command.status().expect("the program starts").success());
}

const TOKEN: &str = "a-token-for-benches-0123456789abcdef";

struct Daemon {
    child: Child,
    url: String,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    fn start(dir: &Path, flags: &[&str]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut command = waypost(dir, if flags.is_empty() { "home" } else { "kept" });
        command.args(["daemon", "start", "--foreground", "--listen", &format!("127.0.0.1:{port}")]);
        command.args(flags).env("WAYPOST_AUTH_MODE", "token").env("WAYPOST_AUTH_TOKEN", TOKEN);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the daemon starts");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(2));
        }
        Self { child, url: format!("http://127.0.0.1:{port}") }
    }

    /// A fresh connection: one that asks for nothing for a while is closed.
    fn door(&self) -> Connection {
        Connection::open(&self.url, "", TOKEN)
    }

    fn client(&self, dir: &Path) -> Command {
        let mut command = waypost(dir, "client");
        command.env("WAYPOST_URL", &self.url).env("WAYPOST_TOKEN", TOKEN);
        command
    }

    /// Megabytes.
    fn resident(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("?").trim();
        line.trim_end_matches(" kB").parse().unwrap_or(f64::NAN) / 1000.0
    }
}
