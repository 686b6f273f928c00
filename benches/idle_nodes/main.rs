//! What nodes that have nothing to do cost a gateway: `cargo bench --bench idle_nodes`.
//!
//! One real gateway process, and `IDLE_NODES` (5000) simulated nodes in a process of their own (`node.rs`): each joins with a
//! key, sends a heartbeat every 30 s and keeps a poll of 25 s open, on two connections as a real node does. For
//! `IDLE_SECONDS` (600), a relayed request goes to a random node `IDLE_PROBES` (10) times a second. Reported: the gateway's
//! processor time and resident memory, and how long those requests take. What sockets cost the kernel is not in it.

mod node;
#[path = "../support/mod.rs"]
mod support;

use hdrhistogram::Histogram;
use rand::RngExt as _;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Connection, latencies, machine, output, serve, usage, waypost};

/// Set for the process of the simulated nodes.
const SIMULATE: &str = "IDLE_NODES_SIMULATE";

fn main() {
    if std::env::var_os(SIMULATE).is_some() {
        return node::simulate();
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (nodes, seconds) = (number("IDLE_NODES", 5000), number("IDLE_SECONDS", 600));
    let probes = number("IDLE_PROBES", 10);
    let files = raise_open_files(nodes * 2 + 200);

    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut create = waypost(dir.path(), "gw");
    create.args(["gateway", "key", "create", "--scope", "enroll,call,admin"]);
    let key = output(create);
    let mut gateway = waypost(dir.path(), "gw");
    gateway.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json"]);
    let (gateway, listening) = serve(gateway);
    let gateway = Ended(gateway);
    let url = listening["listening"].as_str().expect("a URL").to_owned();
    let pid = gateway.0.id();
    let alone = usage::memory(pid, "VmRSS");

    println!("measured on {}; {files} open files allowed\n", machine());
    let begun = Instant::now();
    let (simulated, mut says) = simulated(&url, &key, nodes);
    wait_line(&mut says, "ready");
    println!("{nodes} nodes joined and polling after {:.1} s", begun.elapsed().as_secs_f64());

    let before = (usage::processor(pid), usage::processor(simulated.0.id()));
    let begun = Instant::now();
    let (times, failed) = probe(&url, &key, nodes, Duration::from_secs(seconds), probes);
    let elapsed = begun.elapsed().as_secs_f64();
    let share = |now: f64, before: f64| format!("{:.1} % of a core", (now - before) / elapsed * 100.0);
    let resident = usage::memory(pid, "VmRSS");

    println!("\n| {nodes} idle nodes for {elapsed:.0} s | measured | budget |\n| --- | --- | --- |");
    println!("| gateway, processor | {} | |", share(usage::processor(pid), before.0));
    println!("| gateway, resident | {resident:.1} MB, {alone:.1} MB without nodes | |");
    let each = (resident - alone) * 1e6 / 1024.0 / nodes as f64;
    println!("| of that for each node | {each:.1} KiB | 10 KiB |");
    println!("| job to a random node, {probes} a second | {} | p50 2 ms, p99 10 ms |", latencies(&times));
    println!("| the longest of {} | {:.1} ms, {failed} failed | |", times.len(), times.max() as f64 / 1000.0);
    println!("| (simulated nodes, processor) | {} | |", share(usage::processor(simulated.0.id()), before.1));
}

/// A process that ends with the bench.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Allows itself and what it starts at least so many open files.
#[cfg(unix)]
fn raise_open_files(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    // Only root may raise the hard limit.
    for (current, maximum) in [(wanted, hard.max(wanted)), (wanted.min(hard), hard)] {
        if setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: Some(maximum) }).is_ok() {
            assert!(current >= wanted, "{wanted} open files are needed and {current} allowed: ulimit -Hn {wanted}");
            return current;
        }
    }
    limit.current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn raise_open_files(_: u64) -> u64 {
    u64::MAX
}

/// Starts the process of the simulated nodes.
fn simulated(url: &str, key: &str, nodes: u64) -> (Ended, BufReader<ChildStdout>) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(SIMULATE, nodes.to_string()).env("IDLE_GATEWAY", url).env("IDLE_KEY", key).stdout(Stdio::piped());
    let mut child = command.spawn().expect("this program starts again");
    let says = BufReader::new(child.stdout.take().expect("stdout"));
    (Ended(child), says)
}

fn wait_line(says: &mut BufReader<ChildStdout>, word: &str) {
    let mut line = String::new();
    while line.trim() != word {
        line.clear();
        assert!(says.read_line(&mut line).expect("a line") > 0, "the simulated nodes ended");
    }
}

/// Asks random nodes for their health: how long each took in microseconds, and how many failed.
fn probe(url: &str, key: &str, nodes: u64, long: Duration, per_second: u64) -> (Histogram<u64>, u64) {
    let mut times = Histogram::<u64>::new(3).expect("a histogram");
    let (mut failed, mut random) = (0, rand::rng());
    let mut connection = Connection::open(url, "", key);
    let begun = Instant::now();
    for turn in 0.. {
        let due = begun + Duration::from_secs_f64(turn as f64 / per_second as f64);
        if due >= begun + long {
            break;
        }
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let path = format!("/nodes/{}/v1/health", node::name(random.random_range(0..nodes)));
        let asked = Instant::now();
        let (status, body) = connection.call("GET", &path, "text/plain", b"");
        times.record(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX)).expect("recorded");
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != 200 || answer["status"] != "ok" {
            if failed == 0 {
                eprintln!("{path}: {status} {}", String::from_utf8_lossy(&body));
            }
            failed += 1;
        }
    }
    (times, failed)
}
