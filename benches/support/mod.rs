//! What the benches share: processes, one plain HTTP connection, loads and archives.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod usage;

use hdrhistogram::Histogram;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown CPU");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "{cores} cores,{}, {} {}",
        model.trim_start_matches(['\t', ':']),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

pub fn waypost(dir: &Path, home: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
    command.env_clear().env("HOME", dir).env("WAYPOST_HOME", dir.join(home)).env("WAYPOST_LOG", "error");
    command
}

pub fn output(mut command: Command) -> String {
    let output = command.output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Starts a command and gives the first line it prints as JSON.
pub fn serve(mut command: Command) -> (Child, Value) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the binary starts");
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().expect("stdout"));
    std::io::BufRead::read_line(&mut out, &mut line).expect("a line");
    (child, serde_json::from_str(&line).expect("JSON"))
}

/// One keep-alive connection, with so little around it that the server is what is measured.
pub struct Connection {
    pub stream: TcpStream,
    prefix: String,
    token: String,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(url: &str, prefix: &str, token: &str) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        Self { stream, prefix: prefix.to_owned(), token: token.to_owned(), buffer: Vec::new() }
    }

    pub fn call(&mut self, method: &str, path: &str, media: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let head = format!(
            "{method} {}{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n",
            self.prefix,
            self.token,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).expect("sent");
        self.buffer.clear();
        let head_end = loop {
            self.fill();
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status = head[9..12].parse().expect("a status");
        if head.contains("transfer-encoding: chunked") {
            while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
                self.fill();
            }
            return (status, self.buffer[head_end..].to_vec());
        }
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        while self.buffer.len() < head_end + length {
            self.fill();
        }
        (status, self.buffer[head_end..].to_vec())
    }

    fn fill(&mut self) {
        let at = self.buffer.len();
        self.buffer.resize(at + (256 << 10), 0);
        let read = self.stream.read(&mut self.buffer[at..]).expect("an answer");
        assert!(read > 0, "the connection was closed");
        self.buffer.truncate(at + read);
    }

    pub fn json(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let (status, body) = self.call(method, path, "application/json", body.to_string().as_bytes());
        assert!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }
}

pub fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

/// Calls `once` on every connection for a while; each connection has a thread.
pub fn load(
    connections: Vec<Connection>,
    seconds: u64,
    once: impl Fn(&mut Connection) + Send + Sync,
) -> (Histogram<u64>, f64) {
    let begun = Instant::now();
    let mut all = Histogram::<u64>::new(3).expect("a histogram");
    std::thread::scope(|scope| {
        let threads: Vec<_> = connections
            .into_iter()
            .map(|mut connection| {
                let once = &once;
                scope.spawn(move || {
                    let mut times = Histogram::<u64>::new(3).expect("a histogram");
                    while begun.elapsed() < Duration::from_secs(seconds) {
                        let call = Instant::now();
                        once(&mut connection);
                        times.record(u64::try_from(call.elapsed().as_micros()).unwrap_or(u64::MAX)).expect("recorded");
                    }
                    times
                })
            })
            .collect();
        for thread in threads {
            all.add(thread.join().expect("a thread")).expect("the same bounds");
        }
    });
    let per_second = all.len() as f64 / begun.elapsed().as_secs_f64();
    (all, per_second)
}

pub fn latencies(times: &Histogram<u64>) -> String {
    let at = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1000.0;
    format!("p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99))
}

/// A tar of `files` files of `size` pseudo-random bytes each.
pub fn archive(files: usize, size: usize) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::with_capacity(files * (size + 1024)));
    let mut content = vec![0; size];
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for n in 0..files {
        for chunk in content.chunks_exact_mut(8) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            chunk.copy_from_slice(&seed.to_le_bytes());
        }
        let mut header = tar::Header::new_ustar();
        header.set_size(size as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, format!("d{}/f{n}", n % 100), &content[..]).expect("appended");
    }
    archive.into_inner().expect("an archive")
}
