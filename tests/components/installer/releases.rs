//! A folder of releases, signed, and a server for it that can break off.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// This machine's kind, as releases name it.
pub const TRIPLE: &str =
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" };
/// The same for the C library that runs everywhere.
pub const MUSL: &str =
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-musl" } else { "x86_64-unknown-linux-musl" };

/// Stands in for the program: tells its version, and notes the arguments and the input of everything else.
const PROGRAM: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo "waypost VERSION"; exit 0; fi
printf '%s\n' "$*" >> "$HOME/asked"
if [ "$1 $2" = 'node status' ]; then [ -e "$HOME/service" ] && exit 0; exit 4; fi
if [ "$1 $2" = 'node uninstall' ]; then rm "$HOME/service"; exit; fi
cat >> "$HOME/told"
"#;

/// `DIR/download/vV/…` and `DIR/latest`.
pub struct Releases {
    dir: PathBuf,
    key: PathBuf,
}

impl Releases {
    /// An empty folder and a new key.
    pub fn new(dir: PathBuf) -> Self {
        fs::create_dir_all(&dir).unwrap();
        let key = dir.with_extension("key");
        run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]).arg(&key));
        Self { dir, key }
    }

    /// Adds the version for this machine, which is the latest from then on.
    pub fn add(&self, version: &str) {
        self.add_for(version, &[(TRIPLE, PROGRAM)]);
    }

    /// Adds a version with a program for each triple.
    pub fn add_for(&self, version: &str, programs: &[(&str, &str)]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("installer/release.sh");
        let mut command = Command::new("sh");
        command.arg(script).arg(&self.dir).arg(version).arg(&self.key);
        for (triple, text) in programs {
            let file = self.dir.with_extension(triple);
            fs::write(&file, text.replace("VERSION", version)).unwrap();
            command.arg(format!("{triple}={}", file.display()));
        }
        run(&mut command);
    }

    /// The stand-in's text.
    pub fn program() -> &'static str {
        PROGRAM
    }

    pub fn dir(&self) -> String {
        self.dir.to_str().unwrap().to_owned()
    }

    /// The key that releases are signed with, `ssh-ed25519 AAAA…`.
    pub fn public_key(&self) -> String {
        let line = fs::read_to_string(self.key.with_extension("key.pub")).unwrap();
        line.split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    /// A file of a version.
    pub fn file(&self, version: &str, name: &str) -> PathBuf {
        self.dir.join(format!("download/v{version}")).join(name)
    }

    /// The archive of a version for this machine.
    pub fn archive(&self, version: &str) -> PathBuf {
        self.file(version, &format!("waypost-{version}-{TRIPLE}.tar.gz"))
    }

    /// Signs a version's list anew.
    pub fn sign(&self, version: &str, namespace: &str) {
        let list = self.file(version, "SHA256SUMS");
        fs::remove_file(list.with_extension("sig")).unwrap();
        run(Command::new("ssh-keygen").args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(&self.key).arg(list));
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|failed| panic!("{command:?}: {failed}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Serves a folder over HTTP. Every archive breaks off after so many bytes; files that it has not are a 404.
pub struct Server {
    pub url: String,
    cut: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(dir: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let cut = Arc::new(AtomicUsize::new(usize::MAX));
        let (dir, limit) = (PathBuf::from(dir), cut.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (dir, limit) = (dir.clone(), limit.load(Ordering::Relaxed));
                std::thread::spawn(move || answer(stream, &dir, limit));
            }
        });
        Self { url, cut }
    }

    pub fn cut_archives_after(&self, bytes: usize) {
        self.cut.store(bytes, Ordering::Relaxed);
    }
}

fn answer(mut stream: TcpStream, dir: &Path, cut: usize) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        request.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&request);
    let path = text.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let Ok(body) = fs::read(dir.join(&path)) else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let sent = if path.ends_with(".gz") { cut.min(body.len()) } else { body.len() };
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..sent]));
}
