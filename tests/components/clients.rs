//! The reference's own clients drive our daemon: each version of `mirage-ai` runs every step that it has a command for, and
//! each step has to end with the exit code that it has against that version's own daemon (`tests/clients/recorded.json`).
//!
//! Needs a directory with one virtual environment per version, `v0.0.6/bin/mirage`, named by `WAYPOST_CLIENTS`. With
//! `UPDATE=1` the steps run against the versions' own daemons instead and the record is written. The versions run side by
//! side; what each client was told and said is in `target/tmp/client-VERSION.txt`. `WAYPOST_CLIENTS_ONLY=0.0.7` runs one.

#[path = "../clients/mod.rs"]
#[allow(unused_imports, reason = "this target uses a part of it")]
mod clients;

use clients::steps::{END, STEPS};
use clients::{Client, Door, Run, chosen};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const TOKEN: &str = "a-token-of-the-clients-test-0123456789";

#[test]
fn every_client_gets_from_our_daemon_what_it_gets_from_its_own() {
    let mut record = clients::record();
    let updating = std::env::var_os("UPDATE").is_some();
    let ours = (!updating).then(Daemon::ours);
    let mut faults = Vec::new();
    let mut runs: Vec<_> = std::thread::scope(|scope| {
        let begun: Vec<_> = chosen()
            .into_iter()
            .map(|(version, program)| {
                let (ours, known) =
                    (ours.as_ref().map(|ours| &ours.door), record.get(version).cloned().unwrap_or_default());
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
        std::fs::write(clients::record_path(), serde_json::to_string_pretty(&record).unwrap() + "\n").unwrap();
    }
    assert!(faults.is_empty(), "{} steps differ:\n\n{}", faults.len(), faults.join("\n\n"));
}

/// Our daemon, one for all clients. The oldest one knows no tokens, so it asks for one only where the host is touched.
struct Daemon {
    child: Child,
    door: Door,
    dir: tempfile::TempDir,
}

impl Daemon {
    fn ours() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
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
        let door = Door { url: format!("http://{listen}"), token: TOKEN.to_owned(), suffix: "", differs: &[] };
        let mut daemon = Self { child, door, dir };
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
