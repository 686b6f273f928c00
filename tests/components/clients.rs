//! The reference's own clients drive our daemon: each version of `mirage-ai` runs every step that it has a command for, and
//! each step has to end with the exit code that it has against that version's own daemon (`tests/clients/recorded.json`).
//!
//! Needs a directory with one virtual environment per version, `v0.0.6/bin/mirage`, named by `WAYPOST_CLIENTS`. With
//! `UPDATE=1` the steps run against the versions' own daemons instead and the record is written. The versions run side by
//! side; what each client was told and said is in `target/tmp/client-VERSION.txt`. `WAYPOST_CLIENTS_ONLY=0.0.7` runs one.

mod steps {
    include!("../clients/steps.rs");
}

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use steps::{Differs, END, STEPS, Step};

/// The versions, oldest first. The first two want Python 3.12 or later, which is not everywhere.
const VERSIONS: [(&str, bool); 5] =
    [("0.0.1", false), ("0.0.2", false), ("0.0.3", true), ("0.0.6", true), ("0.0.7", true)];

const CONFIGS: [(&str, &str); 9] = [
    ("ws.yaml", "mounts:\n  /data:\n    KEY: ram\n  /ro:\n    KEY: ram\n    mode: MODE_READ\nmode: MODE_WRITE\n"),
    ("other.yaml", "mounts:\n  /other:\n    KEY: ram\n"),
    ("nobackend.yaml", "mounts:\n  /data:\n    KEY: nosuchbackend\n"),
    ("badmode.yaml", "mounts:\n  /data:\n    KEY: ram\n    mode: sideways\n"),
    ("missing.yaml", "mounts:\n  /data:\n    KEY: s3\n    config:\n      bucket: ${WAYPOST_TEST_NOT_SET}\n"),
    ("disk.yaml", "mounts:\n  /host:\n    KEY: disk\n    config:\n      root: ${HOME}/disk\n"),
    ("override.yaml", "mounts:\n  /data:\n    KEY: ram\n"),
    (
        "s3.yaml",
        "mounts:\n  /s3:\n    KEY: s3\n    config:\n      bucket: b\n      region: us-east-1\n      \
         endpoint_url: http://127.0.0.1:1\n      aws_access_key_id: k\n      aws_secret_access_key: s\n",
    ),
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
    let mut runs: Vec<_> = std::thread::scope(|scope| {
        let begun: Vec<_> = chosen(&clients)
            .into_iter()
            .map(|(version, program)| {
                let (ours, known) = (ours.as_ref(), record.get(version).cloned().unwrap_or_default());
                scope.spawn(move || {
                    let mut run = Run::new(Client::new(version, &program, ours), known);
                    run.steps(STEPS.iter());
                    run
                })
            })
            .collect();
        begun.into_iter().map(|run| run.join().expect("a client's thread panicked")).collect()
    });
    for (turn, run) in runs.iter_mut().enumerate() {
        // There is one daemon of ours, so only the first client can stop it.
        run.steps(END.iter().skip(usize::from(!updating && turn > 0)));
    }
    if let Some(fault) = ours.and_then(|mut daemon| daemon.ended().err()) {
        faults.push(fault);
    }
    for run in runs {
        println!("client {}: {} steps", run.client.version, run.exits.len());
        faults.extend(run.faults);
        if updating {
            record.insert(run.client.version.to_owned(), run.exits);
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
            .args(["daemon", "start", "--foreground", "--listen", &listen])
            .args(["--allow-files", "/", "--allow-disk", "/", "--allow-remote", "127.0.0.1:1"])
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

impl Daemon {
    /// Waits for its end, which a client asked for, and looks whether it is a good one.
    fn ended(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            match self.child.try_wait().unwrap() {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the daemon was stopped and ended with {status}")),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        Err("the daemon was stopped and still runs".to_owned())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the newer versions' own daemons let snapshots be, below the client's home; 0.0.3 has to be told.
const SNAPSHOTS: &str = ".mirage/snapshots";

const TOKEN: &str = "a-token-of-the-clients-test-0123456789";

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One version's command line, with a home of its own.
struct Client {
    version: &'static str,
    dir: tempfile::TempDir,
    url: String,
    own: bool,
    starter: Starter,
}

/// `tests/clients/starter.py`: runs the client's program without making it import everything each time.
struct Starter {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Starter {
    fn new(program: &Path) -> Self {
        let mut child = Command::new(program.with_file_name("python"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/starter.py"))
            .arg(program)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (asks, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, asks, answers }
    }

    /// The exit code of a command.
    fn run(&mut self, command: &Value) -> i32 {
        writeln!(self.asks, "{command}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|_| panic!("the starter ended at {command}"))
    }
}

impl Drop for Starter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client's way through the steps: the exit code of each, and what is not as it should be.
struct Run {
    client: Client,
    recorded: BTreeMap<String, i32>,
    captured: Map<String, Value>,
    transcript: std::fs::File,
    exits: BTreeMap<String, i32>,
    faults: Vec<String>,
}

impl Run {
    fn new(client: Client, recorded: BTreeMap<String, i32>) -> Self {
        let name = format!("client-{}{}.txt", client.version, if client.own { "-own" } else { "" });
        let transcript = std::fs::File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).unwrap();
        let (captured, exits, faults) = (Map::new(), BTreeMap::new(), Vec::new());
        Self { client, recorded, captured, transcript, exits, faults }
    }

    fn steps(&mut self, steps: impl Iterator<Item = &'static Step>) {
        let version = self.client.version;
        for step in steps.filter(|step| step.versions.contains(&version)) {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        let (code, stdout, stderr) = self.client.run(step, &self.captured);
        let client = &self.client;
        assert!(self.exits.insert(step.name.to_owned(), code).is_none(), "two steps are called '{}'", step.name);
        let args = client.filled(&step.run.join(" "), &self.captured);
        writeln!(self.transcript, "## {}: {args}\nexit {code}\n{stdout}{stderr}", step.name).unwrap();
        if let Some((name, pointer)) = step.capture {
            let value = serde_json::from_str::<Value>(&stdout).ok();
            let value = value.as_ref().and_then(|value| value.pointer(pointer)).cloned().unwrap_or_default();
            self.captured.insert(name.to_owned(), value);
        }
        if client.own {
            return;
        }
        let wanted = match &step.differs {
            Some(Differs { versions, code, .. }) if versions.contains(&client.version) => Some(*code),
            _ => self.recorded.get(step.name).copied(),
        };
        let missing = step.shows.iter().find(|part| !stdout.contains(&client.filled(part, &self.captured)));
        if Some(code) != wanted || missing.is_some() {
            self.faults.push(format!(
                "{} · {}: exit {code}, wanted {wanted:?}; missing in stdout: {missing:?}\nstdout: {}\nstderr: {}",
                client.version,
                step.name,
                tail(&stdout),
                tail(&stderr)
            ));
        }
    }
}

impl Client {
    fn new(version: &'static str, program: &Path, daemon: Option<&Daemon>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = daemon.map_or_else(|| format!("http://127.0.0.1:{}", free_port()), |daemon| daemon.url.clone());
        let client = Self { version, dir, url, own: daemon.is_none(), starter: Starter::new(program) };
        let home = client.dir.path();
        for (name, text) in CONFIGS {
            std::fs::write(home.join(name), client.spelled(text)).unwrap();
        }
        std::fs::create_dir_all(home.join(SNAPSHOTS)).unwrap();
        std::fs::write(home.join(SNAPSHOTS).join("garbage.tar"), "this is no archive").unwrap();
        std::fs::create_dir(home.join("disk")).unwrap();
        std::fs::write(home.join("disk/on-disk.txt"), "on the host\n").unwrap();
        client
    }

    /// The words that generations spell differently.
    fn spelled(&self, text: &str) -> String {
        text.replace("KEY", if self.version == "0.0.7" { "vfs" } else { "resource" })
            .replace("MODE_READ", "READ")
            .replace("MODE_WRITE", "WRITE")
    }

    fn filled(&self, text: &str, captured: &Map<String, Value>) -> String {
        let dir = self.dir.path().to_str().unwrap();
        let filled = text.replace("{snap}", &format!("{dir}/{SNAPSHOTS}")).replace("{dir}", dir);
        let mut filled = filled.replace("{v}", &self.version.replace('.', "-"));
        for (name, value) in captured {
            filled = filled.replace(&format!("{{{name}}}"), value.as_str().unwrap_or("not-captured"));
        }
        filled
    }

    /// Exit code, stdout, stderr.
    fn run(&mut self, step: &Step, captured: &Map<String, Value>) -> (i32, String, String) {
        let args: Vec<String> = step.run.iter().map(|arg| self.filled(arg, captured)).collect();
        let dir = self.dir.path();
        let file = |name: &str| dir.join(name);
        let mut env = json!({
            "PATH": "/usr/bin:/bin", "HOME": dir, "MIRAGE_DAEMON_URL": self.url,
            "MIRAGE_SNAPSHOT_ROOT": dir.join(SNAPSHOTS),
        });
        if step.wrong_token {
            env["MIRAGE_TOKEN"] = "not-the-token".into();
        } else if !self.own {
            env["MIRAGE_TOKEN"] = TOKEN.into();
        }
        std::fs::write(file("stdin"), step.stdin).unwrap();
        let code = self.starter.run(&json!({
            "args": args, "env": env, "cwd": dir,
            "stdin": file("stdin"), "stdout": file("stdout"), "stderr": file("stderr"),
        }));
        let text = |name| String::from_utf8_lossy(&std::fs::read(file(name)).unwrap()).into_owned();
        (code, text("stdout"), text("stderr"))
    }
}

fn tail(text: &str) -> String {
    let from = text.char_indices().rev().nth(600).map_or(0, |(at, _)| at);
    text[from..].to_owned()
}
