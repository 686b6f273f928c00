//! A big workspace, 10,000 files and 1 GiB in memory, against GNU tar on the same files in the same run:
//! `cargo bench --bench workspaces`.
//!
//! Needs `tar` and about 6 GiB of disk and memory. Both sides read and write the same directory's file system.

mod support;

use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Connection, archive, machine, milliseconds, output, waypost};

const FILES: usize = 10_000;
const SIZE: usize = 107_374;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let mut door = Connection::open(&daemon.url, "", TOKEN);
    let tree = dir.path().join("tree.tar");
    std::fs::write(&tree, archive(FILES, SIZE)).expect("written");
    let mut rows = Vec::new();

    // The first round of each side warms the page cache and is not counted.
    let files = dir.path().join("files");
    let unpack = |_: usize| {
        let _ = std::fs::remove_dir_all(&files);
        std::fs::create_dir(&files).expect("a directory");
        timed(|| run(Command::new("tar").arg("-xf").arg(&tree).arg("-C").arg(&files)))
    };
    let load = |n: usize| {
        timed(|| {
            let mut load = daemon.client(dir.path());
            load.args(["workspace", "load"]).arg(&tree).args(["--id", &format!("big{n}"), "--mount", "/data"]);
            output(load);
        })
    };
    let theirs = median(unpack, 4);
    let ours = median(load, 4);
    rows.push(ratio("load of a tar into memory, against `tar -x` to files", theirs, ours));

    let pack = |_: usize| {
        timed(|| run(Command::new("tar").arg("-cf").arg(dir.path().join("theirs.tar")).arg("-C").arg(&files).arg(".")))
    };
    let snapshot = |_: usize| {
        timed(|| {
            let mut snapshot = daemon.client(dir.path());
            snapshot.args(["workspace", "snapshot", "big0"]).arg(dir.path().join("ours.tar"));
            output(snapshot);
        })
    };
    rows.push(ratio("snapshot to a file, against `tar -c` of the files", median(pack, 4), median(snapshot, 4)));

    let before = daemon.resident();
    let clone = |n: usize| {
        timed(|| {
            door.json("POST", "/v1/workspaces/big0/clone", &json!({ "id": format!("clone{n}") }));
        })
    };
    let cloned = median(clone, 51);
    let grown = daemon.resident() - before;
    rows.push(format!(
        "| clone, over HTTP, median of 50 | {} | resident memory of all 50 together: {grown:+.1} MB |",
        milliseconds(cloned)
    ));

    let mut door = Connection::open(&daemon.url, "", TOKEN);
    let first = timed(|| {
        door.json("POST", "/v1/workspaces/big0/commit", &json!({ "message": "all of it" }));
    });
    rows.push(format!("| first commit of all files | {:.2} s | |", first.as_secs_f64()));
    let commit = |n: usize| {
        let change = format!("for i in 0 1 2 3 4 5 6 7 8 9; do echo {n} >> /data/d$i/f$i; done");
        let answer: Value = door.json("POST", "/v1/workspaces/big0/execute", &json!({ "command": change }));
        assert_eq!(answer["exit_code"], 0, "{answer}");
        timed(|| {
            door.json("POST", "/v1/workspaces/big0/commit", &json!({ "message": "ten of them" }));
        })
    };
    rows.push(format!(
        "| commit of 10 changed files, over HTTP, median of 20 | {} | |",
        milliseconds(median(commit, 21))
    ));

    println!("\nmeasured on {}: {FILES} files, {} bytes\n", machine(), FILES * SIZE);
    println!("| what | measured | |\n| --- | --- | --- |\n{}", rows.join("\n"));
}

fn ratio(what: &str, theirs: Duration, ours: Duration) -> String {
    let (theirs, ours) = (theirs.as_secs_f64(), ours.as_secs_f64());
    format!("| {what} | {ours:.2} s against {theirs:.2} s | {:.0} % of tar's speed |", theirs / ours * 100.0)
}

/// The median of all rounds but the first.
fn median(mut round: impl FnMut(usize) -> Duration, rounds: usize) -> Duration {
    let mut times: Vec<Duration> = (0..rounds).map(&mut round).skip(1).collect();
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
    fn start(dir: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut command = waypost(dir, "home");
        command.args(["daemon", "start", "--foreground", "--listen", &format!("127.0.0.1:{port}")]);
        command.env("WAYPOST_AUTH_MODE", "token").env("WAYPOST_AUTH_TOKEN", TOKEN);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the daemon starts");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(2));
        }
        Self { child, url: format!("http://127.0.0.1:{port}") }
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
