//! The environment of one test.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A directory that is everything the programs under test may know.
pub struct TestEnv {
    dir: TempDir,
}

impl TestEnv {
    pub fn new() -> Self {
        Self { dir: tempfile::Builder::new().prefix("waypost-test-").tempdir().expect("a temporary directory") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The real binary with an empty environment but for a home of its own.
    pub fn waypost(&self, home: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waypost"));
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", "/usr/bin:/bin")
            .env("WAYPOST_HOME", self.path(home));
        command.current_dir(self.dir.path()).stdin(std::process::Stdio::null());
        command
    }

    /// Runs a command to its end: exit code, stdout, stderr.
    pub fn run(&self, home: &str, args: &[&str]) -> (i32, String, String) {
        let output = self.waypost(home).args(args).output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }
}
