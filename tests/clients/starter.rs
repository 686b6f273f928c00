//! `tests/clients/starter.py`: runs the client's program without making it import everything each time.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// One such process.
pub struct Starter {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Starter {
    pub fn new(program: &Path) -> Self {
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
    pub fn run(&mut self, command: &Value) -> i32 {
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
