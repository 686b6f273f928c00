//! The commands that existing clients have, by the real binary: against a server of ours in this process, and against one
//! that only writes down what it is asked.

mod daemon;
mod execute;
mod files;
mod jobs;
mod recorder;
mod requests;
mod sessions;
mod snapshots;
mod stream;
mod terminal;
mod workspaces;

use crate::support::TestEnv;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};

/// The real binary, pointed at a server.
pub struct Cli {
    pub env: TestEnv,
    variables: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Cli {
    fn at(url: &str) -> Self {
        Self {
            env: TestEnv::new(),
            variables: vec![("WAYPOST_URL", url.to_owned()), ("WAYPOST_TOKEN", "t0ken".to_owned())],
        }
    }

    fn with(url: &str, variables: &[(&'static str, &str)]) -> Self {
        let mut cli = Self::at(url);
        cli.variables.extend(variables.iter().map(|(name, value)| (*name, (*value).to_owned())));
        cli
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.env.waypost("caller");
        command.args(args).envs(self.variables.clone());
        command
    }

    /// Runs a command to its end, with nothing on standard input.
    async fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, b"").await
    }

    async fn run_with(&self, args: &[&str], stdin: &[u8]) -> Ended {
        let (mut command, stdin) = (self.command(args), stdin.to_owned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let ended = tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap();
            let mut pipe = child.stdin.take().unwrap();
            // A command that reads nothing may be gone already.
            let writer = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
            let output = child.wait_with_output().unwrap();
            writer.join().unwrap();
            output
        });
        let output = ended.await.unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed and gives its JSON.
    async fn json(&self, args: &[&str]) -> Value {
        let ended = self.run(args).await;
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        ended.json()
    }

    /// Runs a command that must succeed and gives its text.
    async fn text(&self, args: &[&str]) -> String {
        let ended = self.run(args).await;
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        ended.text()
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.env.path(name), content).unwrap();
    }
}

impl Ended {
    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|wrong| panic!("{wrong}: {self:?}"))
    }
}
