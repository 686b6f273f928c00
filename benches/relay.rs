//! A big snapshot through the relayed door, and what it costs in memory: `cargo bench --bench relay`.
//!
//! The workspace is a directory of the disk (`--allow-disk`), so nothing of it has to be in the node's memory: what both
//! processes hold is what carrying it costs. Peaks are `VmHWM`, reset when the transfer begins, and the whole resident memory
//! of the process, its code too. Against it, in the same run: the same bytes by HTTP over loopback from a thread that only
//! writes, and the node's own door. `RELAY_MB` (2000) says how big.

mod support;

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};
use support::{Connection, machine, output, serve, usage, waypost};

/// One file of the workspace, bytes.
const FILE: usize = 50_000_000;
const ROUNDS: usize = 3;
const BUDGET: f64 = 100.0;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let megabytes: usize = std::env::var("RELAY_MB").map_or(2000, |text| text.parse().expect("a number of megabytes"));
    let bytes = megabytes * 1_000_000;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let files = dir.path().join("files");
    write_files(&files, bytes);
    let rig = Rig::start(dir.path(), &files);

    // The first round of each warms the page cache and is not counted.
    let mut best = [f64::MAX; 3];
    let mut memory = Memory::default();
    for round in 0..=ROUNDS {
        let (own_size, own) = download(&rig.node_url, "", &rig.node_token);
        let watched = Watched::begin(&rig);
        let (relayed_size, relayed) = download(&rig.gateway_url, "/nodes/box", &rig.key);
        let seen = watched.end();
        // A snapshot is its files and a little.
        let whole = bytes as u64..bytes as u64 * 21 / 20;
        assert!(whole.contains(&own_size) && whole.contains(&relayed_size), "{own_size} and {relayed_size} bytes came");
        let bare = bare(bytes as u64);
        if round > 0 {
            best = [best[0].min(bare), best[1].min(own), best[2].min(relayed)];
            memory = memory.most(seen);
        }
    }

    println!("\nmeasured on {}: a snapshot of {megabytes} MB, the best of {ROUNDS}\n", machine());
    println!("| what | time | throughput | of plain HTTP |\n| --- | --- | --- | --- |");
    for (what, time) in ["plain HTTP over loopback", "the node's own door", "the relayed door"].into_iter().zip(best) {
        let rate = megabytes as f64 / time;
        println!("| {what} | {time:.2} s | {rate:.0} MB/s | {:.0} % |", best[0] / time * 100.0);
    }
    println!(
        "\n| resident memory | before | most while it went through the relay | budget |\n| --- | --- | --- | --- |"
    );
    for (who, (before, most)) in [("node", memory.node), ("gateway", memory.gateway)] {
        println!("| {who} | {before:.1} MB | {most:.1} MB | {BUDGET:.0} MB |");
    }
}

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
    /// A gateway and a node with a workspace `big`, which is the directory `files`.
    fn start(dir: &Path, files: &Path) -> Self {
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
        node.args(["node", "run", "--listen", "127.0.0.1:0", "--json", "--allow-disk"]).arg(files);
        let (node, ready) = serve(node);
        let node_url = ready["api_url"].as_str().expect("a URL").to_owned();
        let node_token = std::fs::read_to_string(dir.join("box/api.token")).expect("a token").trim().to_owned();
        let rig = Self { gateway, node, gateway_url, key, node_url, node_token };
        let config: Value = json!({ "mounts": { "/data": { "resource": "disk", "config": { "root": files } } } });
        let mut door = Connection::open(&rig.node_url, "", &rig.node_token);
        door.json("POST", "/v1/workspaces", &json!({ "id": "big", "config": config }));
        // A relayed call works once the gateway has heard from the node.
        let mut relayed = Connection::open(&rig.gateway_url, "/nodes/box", &rig.key);
        let begun = Instant::now();
        while relayed.call("GET", "/v1/workspaces/big", "text/plain", b"").0 != 200 {
            assert!(begun.elapsed() < Duration::from_secs(20), "the node is not reached through the gateway");
            std::thread::sleep(Duration::from_millis(50));
        }
        rig
    }
}

/// Before and at most, for each process, in megabytes.
#[derive(Default, Clone, Copy)]
struct Memory {
    node: (f64, f64),
    gateway: (f64, f64),
}

impl Memory {
    fn most(self, other: Self) -> Self {
        let of = |one: (f64, f64), two: (f64, f64)| if two.1 > one.1 { two } else { one };
        Self { node: of(self.node, other.node), gateway: of(self.gateway, other.gateway) }
    }
}

/// Peaks from the beginning to the end of a transfer.
struct Watched<'a> {
    rig: &'a Rig,
    before: (f64, f64),
}

impl<'a> Watched<'a> {
    fn begin(rig: &'a Rig) -> Self {
        usage::reset_peak(rig.node.id());
        usage::reset_peak(rig.gateway.id());
        Self { rig, before: (usage::memory(rig.node.id(), "VmRSS"), usage::memory(rig.gateway.id(), "VmRSS")) }
    }

    fn end(self) -> Memory {
        let most = |child: &Child| usage::memory(child.id(), "VmHWM");
        Memory { node: (self.before.0, most(&self.rig.node)), gateway: (self.before.1, most(&self.rig.gateway)) }
    }
}

/// Bytes that do not compress, in files of one size.
fn write_files(dir: &Path, bytes: usize) {
    std::fs::create_dir(dir).expect("a directory");
    let (mut seed, mut content) = (0x9E37_79B9_7F4A_7C15_u64, vec![0; FILE]);
    for n in 0..bytes.div_ceil(FILE) {
        for chunk in content.chunks_exact_mut(8) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            chunk.copy_from_slice(&seed.to_le_bytes());
        }
        let size = FILE.min(bytes - n * FILE);
        std::fs::write(dir.join(format!("f{n}")), &content[..size]).expect("written");
    }
}

/// Takes the snapshot and throws it away: its bytes, and the seconds it took.
fn download(url: &str, prefix: &str, token: &str) -> (u64, f64) {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
    let head = format!(
        "GET {prefix}/v1/workspaces/big/snapshot HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let begun = Instant::now();
    (&stream).write_all(head.as_bytes()).expect("sent");
    let size = read_all(stream);
    (size, begun.elapsed().as_secs_f64())
}

/// The same from a thread that only writes.
fn bare(bytes: u64) -> f64 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let piece = vec![0x5a; 256 << 10];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.read(&mut [0; 1024]);
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n").expect("sent");
            let mut left = bytes as usize;
            while left > 0 {
                let now = left.min(piece.len());
                stream.write_all(&piece[..now]).expect("sent");
                left -= now;
            }
        });
        let begun = Instant::now();
        let stream = TcpStream::connect(address).expect("a connection");
        (&stream).write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
        let size = read_all(stream);
        assert!(size >= bytes);
        begun.elapsed().as_secs_f64()
    })
}

/// Reads to the end; the answer has to be a good one. The few bytes of HTTP around a piece are counted with it.
fn read_all(mut stream: TcpStream) -> u64 {
    let mut buffer = vec![0; 256 << 10];
    let mut size = 0;
    loop {
        let read = stream.read(&mut buffer).expect("an answer");
        if size == 0 {
            let head = String::from_utf8_lossy(&buffer[..read.min(400)]).into_owned();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        }
        if read == 0 {
            return size;
        }
        size += read as u64;
    }
}
