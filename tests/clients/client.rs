//! One version's command line, with a home of its own.

use super::starter::Starter;
use super::steps::Step;
use serde_json::{Map, Value, json};
use std::net::TcpListener;
use std::path::Path;

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

/// Where the newer versions' own daemons let snapshots be, below the client's home; 0.0.3 has to be told.
const SNAPSHOTS: &str = ".mirage/snapshots";

/// A door of ours.
#[derive(Debug, Clone)]
pub struct Door {
    /// The base URL that clients are pointed at.
    pub url: String,
    /// What opens it.
    pub token: String,
    /// What tells this door's transcripts from another's.
    pub suffix: &'static str,
    /// What is otherwise at this door than on loopback.
    pub differs: &'static [ByDoor],
}

/// A step that ends otherwise at a door, by the door's nature.
#[derive(Debug)]
pub struct ByDoor {
    pub step: &'static str,
    pub code: i32,
    #[allow(dead_code, reason = "for the reader")]
    pub why: &'static str,
}

pub struct Client {
    pub version: &'static str,
    /// None at its own daemon.
    pub door: Option<Door>,
    dir: tempfile::TempDir,
    url: String,
    starter: Starter,
}

impl Client {
    /// With a home of its own; without a door it has its own daemon.
    pub fn new(version: &'static str, program: &Path, door: Option<&Door>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = door.map_or_else(|| format!("http://127.0.0.1:{}", free_port()), |door| door.url.clone());
        let client = Self { version, door: door.cloned(), dir, url, starter: Starter::new(program) };
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

    /// Words in braces replaced by what they stand for.
    pub fn filled(&self, text: &str, captured: &Map<String, Value>) -> String {
        let dir = self.dir.path().to_str().unwrap();
        let filled = text.replace("{snap}", &format!("{dir}/{SNAPSHOTS}")).replace("{dir}", dir);
        let mut filled = filled.replace("{v}", &self.version.replace('.', "-"));
        for (name, value) in captured {
            filled = filled.replace(&format!("{{{name}}}"), value.as_str().unwrap_or("not-captured"));
        }
        filled
    }

    /// Exit code, stdout, stderr.
    pub fn run(&mut self, step: &Step, captured: &Map<String, Value>) -> (i32, String, String) {
        let args: Vec<String> = step.run.iter().map(|arg| self.filled(arg, captured)).collect();
        let dir = self.dir.path();
        let file = |name: &str| dir.join(name);
        let mut env = json!({
            "PATH": "/usr/bin:/bin", "HOME": dir, "MIRAGE_DAEMON_URL": self.url,
            "MIRAGE_SNAPSHOT_ROOT": dir.join(SNAPSHOTS),
        });
        if step.wrong_token {
            env["MIRAGE_TOKEN"] = "not-the-token".into();
        } else if let Some(door) = &self.door {
            env["MIRAGE_TOKEN"] = door.token.as_str().into();
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
