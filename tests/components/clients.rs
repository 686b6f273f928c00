//! The reference's own clients drive our daemon: each version of `mirage-ai` runs every step that it has a command for, and
//! each step has to end with the exit code that it has against that version's own daemon (`tests/clients/recorded.json`).
//!
//! Needs a directory with one virtual environment per version, `v0.0.6/bin/mirage`, named by `WAYPOST_CLIENTS`. With
//! `UPDATE=1` the steps run against the versions' own daemons instead and the record is written. The versions run side by
//! side; what each client was told and said is in `target/tmp/client-VERSION.txt`. `WAYPOST_CLIENTS_ONLY=0.0.7` runs one.

mod steps {
    include!("../clients/steps.rs");
}

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use steps::{Differs, STEPS, Step};

/// The versions, oldest first. The first two want Python 3.12 or later, which is not everywhere.
const VERSIONS: [(&str, bool); 5] =
    [("0.0.1", false), ("0.0.2", false), ("0.0.3", true), ("0.0.6", true), ("0.0.7", true)];

const CONFIGS: [(&str, &str); 6] = [
    ("ws.yaml", "mounts:\n  /data:\n    KEY: ram\n  /ro:\n    KEY: ram\n    mode: MODE_READ\nmode: MODE_WRITE\n"),
    ("other.yaml", "mounts:\n  /other:\n    KEY: ram\n"),
    ("nobackend.yaml", "mounts:\n  /data:\n    KEY: nosuchbackend\n"),
    ("badmode.yaml", "mounts:\n  /data:\n    KEY: ram\n    mode: sideways\n"),
    ("missing.yaml", "mounts:\n  /data:\n    KEY: s3\n    config:\n      bucket: ${WAYPOST_TEST_NOT_SET}\n"),
    ("broken.yaml", "mounts: [unclosed\n"),
];

#[test]
fn every_client_gets_from_our_daemon_what_it_gets_from_its_own() {
    let clients =
        PathBuf::from(std::env::var_os("WAYPOST_CLIENTS").expect(
            "WAYPOST_CLIENTS names no directory: .ci/run makes one with a virtual environment per client version",
        ));
    let record_path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/recorded.json");
    let mut record: BTreeMap<String, BTreeMap<String, i32>> =
        std::fs::read(&record_path).map_or_else(|_| BTreeMap::new(), |text| serde_json::from_slice(&text).unwrap());
    let updating = std::env::var_os("UPDATE").is_some();
    let ours = (!updating).then(Daemon::ours);
    let mut faults = Vec::new();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let begun: Vec<_> = chosen(&clients)
            .into_iter()
            .map(|(version, program)| {
                let (ours, known) = (ours.as_ref(), record.get(version).cloned().unwrap_or_default());
                scope.spawn(move || (version, Client::new(version, &program, ours).run(&known)))
            })
            .collect();
        begun.into_iter().map(|run| run.join().expect("a client's thread panicked")).collect()
    });
    for (version, run) in runs {
        println!("client {version}: {} steps", run.exits.len());
        faults.extend(run.faults);
        if updating {
            record.insert(version.to_owned(), run.exits);
        }
    }
    if updating {
        std::fs::write(&record_path, serde_json::to_string_pretty(&record).unwrap() + "\n").unwrap();
    }
    assert!(faults.is_empty(), "{} steps differ:\n\n{}", faults.len(), faults.join("\n\n"));
}

/// The versions to run and their programs. One that is not there is an error, or said if it may be missing.
fn chosen(clients: &Path) -> Vec<(&'static str, PathBuf)> {
    let only = std::env::var("WAYPOST_CLIENTS_ONLY").ok();
    let mut chosen = Vec::new();
    for (version, required) in VERSIONS {
        let program = clients.join(format!("v{version}/bin/mirage"));
        if only.as_ref().is_some_and(|only| only != version) {
            println!("client {version}: NOT RUN, WAYPOST_CLIENTS_ONLY names another");
        } else if program.exists() {
            chosen.push((version, program));
        } else {
            assert!(!required, "{} is missing", program.display());
            println!("client {version}: NOT RUN, {} is not there (it wants Python 3.12 or later)", program.display());
        }
    }
    assert!(!chosen.is_empty(), "no client is left to run");
    chosen
}

/// Our daemon, one for all clients. The oldest one knows no tokens, so it asks for one only where the host is touched.
struct Daemon {
    child: Child,
    url: String,
    dir: tempfile::TempDir,
}

impl Daemon {
    fn ours() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_waypost"))
            .args(["daemon", "start", "--foreground", "--listen", &listen, "--allow-files"])
            .arg("/")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", dir.path())
            .env("WAYPOST_HOME", dir.path().join("home"))
            .env("WAYPOST_AUTH_MODE", "local")
            .env("WAYPOST_AUTH_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(dir.path().join("daemon.log")).unwrap())
            .spawn()
            .unwrap();
        let mut daemon = Self { child, url: format!("http://{listen}"), dir };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = std::fs::read_to_string(daemon.dir.path().join("daemon.log")).unwrap_or_default();
            assert!(daemon.child.try_wait().unwrap().is_none(), "the daemon ended: {log}");
            assert!(begun.elapsed() < Duration::from_secs(20), "the daemon does not listen: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TOKEN: &str = "a-token-of-the-clients-test-0123456789";

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How a client's steps went: the exit code of each, and what is not as it should be.
struct Run {
    exits: BTreeMap<String, i32>,
    faults: Vec<String>,
}

/// One version's command line, with a home of its own.
struct Client<'a> {
    version: &'static str,
    program: &'a Path,
    dir: tempfile::TempDir,
    url: String,
    own: bool,
}

impl<'a> Client<'a> {
    fn new(version: &'static str, program: &'a Path, daemon: Option<&Daemon>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = daemon.map_or_else(|| format!("http://127.0.0.1:{}", free_port()), |daemon| daemon.url.clone());
        let client = Self { version, program, dir, url, own: daemon.is_none() };
        for (name, text) in CONFIGS {
            std::fs::write(client.dir.path().join(name), client.spelled(text)).unwrap();
        }
        std::fs::write(client.dir.path().join("garbage.tar"), "this is no archive").unwrap();
        client
    }

    /// The words that generations spell differently.
    fn spelled(&self, text: &str) -> String {
        text.replace("KEY", if self.version == "0.0.7" { "vfs" } else { "resource" })
            .replace("MODE_READ", "READ")
            .replace("MODE_WRITE", "WRITE")
    }

    fn run(&self, recorded: &BTreeMap<String, i32>) -> Run {
        let mut captured = Map::new();
        let (mut exits, mut faults) = (BTreeMap::new(), Vec::new());
        let transcript = format!("client-{}{}.txt", self.version, if self.own { "-own" } else { "" });
        let mut transcript = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join(transcript)).unwrap();
        for step in STEPS.iter().filter(|step| step.versions.contains(&self.version)) {
            let (code, stdout, stderr) = self.step(step, &captured);
            exits.insert(step.name.to_owned(), code);
            let args = self.filled(&step.run.join(" "), &captured);
            writeln!(transcript, "## {}: {args}\nexit {code}\n{stdout}{stderr}", step.name).unwrap();
            if let Some((name, pointer)) = step.capture {
                let value = serde_json::from_str::<Value>(&stdout).ok();
                let value = value.as_ref().and_then(|value| value.pointer(pointer)).cloned().unwrap_or_default();
                captured.insert(name.to_owned(), value);
            }
            if self.own {
                continue;
            }
            let wanted = match &step.differs {
                Some(Differs { versions, code, .. }) if versions.contains(&self.version) => Some(*code),
                _ => recorded.get(step.name).copied(),
            };
            let missing = step.shows.iter().find(|part| !stdout.contains(&self.filled(part, &captured)));
            if Some(code) != wanted || missing.is_some() {
                faults.push(format!(
                    "{} · {}: exit {code}, wanted {wanted:?}; missing in stdout: {missing:?}\nstdout: {}\nstderr: {}",
                    self.version,
                    step.name,
                    tail(&stdout),
                    tail(&stderr)
                ));
            }
        }
        if self.own {
            let _ = self.command(&["daemon", "stop"]).output();
        }
        Run { exits, faults }
    }

    fn filled(&self, text: &str, captured: &Map<String, Value>) -> String {
        let mut filled =
            text.replace("{dir}", self.dir.path().to_str().unwrap()).replace("{v}", &self.version.replace('.', "-"));
        for (name, value) in captured {
            filled = filled.replace(&format!("{{{name}}}"), value.as_str().unwrap_or("not-captured"));
        }
        filled
    }

    fn step(&self, step: &Step, captured: &Map<String, Value>) -> (i32, String, String) {
        let args: Vec<String> = step.run.iter().map(|arg| self.filled(arg, captured)).collect();
        let mut command = self.command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        if step.wrong_token {
            command.env("MIRAGE_TOKEN", "not-the-token");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(step.stdin).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", self.dir.path())
            .env("MIRAGE_DAEMON_URL", &self.url)
            .current_dir(self.dir.path());
        if !self.own {
            command.env("MIRAGE_TOKEN", TOKEN);
        }
        command
    }
}

fn tail(text: &str) -> String {
    let from = text.char_indices().rev().nth(600).map_or(0, |(at, _)| at);
    text[from..].to_owned()
}
