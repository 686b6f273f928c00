//! `waypost execute`: one script in a workspace, at any door.

use crate::cli::args::{Global, seconds};
use crate::cli::door::DoorArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::pairs::pairs;
use crate::client::{DoorError, escape};
use crate::wire::v1::http::MAX_JSON_BYTES;
use crate::wire::v1::{ErrorCode, ExecuteAnswer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Read, Write};

/// The longest standard input that fits in a request: it is sent in base64, beside the script.
const MOST_STDIN: u64 = (MAX_JSON_BYTES as u64 - 256 * 1024) / 4 * 3;

/// Run a script in a workspace; its exit code becomes this command's
///
/// Standard input is read to its end and goes to the script, unless it is a terminal; say `< /dev/null` where there is none.
/// Interrupting this command cancels the script.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost execute --workspace demo --command 'ls -l /data'\n  \
    waypost execute --url https://gateway.example --node box -w demo -c 'wc -l' < access.log")]
pub struct Execute {
    /// The workspace
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: String,
    /// The script
    #[arg(short, long, value_name = "SCRIPT")]
    pub command: String,
    /// The session [default: the workspace's default session]
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    /// Working directory for this script only
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<String>,
    /// Environment for this script only
    #[arg(short, long = "env", value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Time limit in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    /// Do not wait: print the job's id
    #[arg(long, alias = "bg")]
    pub background: bool,
    /// The node, when the URL is a gateway's
    #[arg(long, value_name = "NODE", env = "WAYPOST_NODE")]
    pub node: Option<String>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Execute {
    /// Runs the script and prints what it printed.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut door = self.door.open(global)?;
        if let Some(node) = &self.node {
            door = door.of_node(node);
        }
        let body = self.body()?;
        let path = format!("/v1/workspaces/{}/execute", escape(&self.workspace));
        let answer: Value = door
            .json(door.send(door.request(Method::POST, &path).json(&body)).await.map_err(|failed| {
                let wrong_door = matches!(&failed, DoorError::Refused(problem) if problem.code == ErrorCode::NotFound);
                let error = CliError::from(failed);
                match (wrong_door, self.node.is_some()) {
                    (false, _) => error,
                    (true, false) => error.hint("at a gateway's URL, name the node with --node or WAYPOST_NODE"),
                    (true, true) => {
                        error.hint("a node's own address takes no --node: leave it out, or name a gateway with --url")
                    }
                }
            })?)
            .await?;
        if self.background {
            let job = answer.get("job_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            output.result(&answer, || job);
            return Ok(0);
        }
        let Ok(executed) = serde_json::from_value::<ExecuteAnswer>(answer.clone()) else {
            return Err(CliError::new(ExitKind::Failure, "the answer is not that of an execution"));
        };
        if output.is_json() {
            output.json(&answer);
        } else {
            print(output, &executed);
        }
        Ok(exit_code(&executed))
    }

    fn body(&self) -> Result<Map<String, Value>, CliError> {
        let mut body = Map::from_iter([("command".to_owned(), json!(self.command))]);
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        put("session_id", self.session.as_ref().map(|session| json!(session)));
        put("cwd", self.cwd.as_ref().map(|cwd| json!(cwd)));
        put("timeout_s", self.timeout.map(|seconds| json!(seconds)));
        put("background", self.background.then_some(Value::Bool(true)));
        let env = pairs("--env", &self.env, false)?;
        put("env", (!env.is_empty()).then(|| json!(env)));
        let stdin = std::io::stdin();
        if !self.background && !stdin.is_terminal() {
            let mut bytes = Vec::new();
            stdin.lock().take(MOST_STDIN + 1).read_to_end(&mut bytes).map_err(|failed| {
                CliError::new(ExitKind::Failure, format!("standard input cannot be read: {failed}"))
            })?;
            if bytes.len() as u64 > MOST_STDIN {
                return Err(CliError::new(ExitKind::Usage, format!("standard input has more than {MOST_STDIN} bytes"))
                    .hint("load it as a file: `waypost job submit workspaces.load id=… --body files.tar`"));
            }
            put("stdin_base64", (!bytes.is_empty()).then(|| json!(STANDARD.encode(bytes))));
        }
        Ok(body)
    }
}

/// Prints an execution's output byte for byte.
pub fn print(output: &Output, executed: &ExecuteAnswer) {
    output.bytes(&bytes_of(&executed.stdout, executed.stdout_base64.as_deref()));
    let _ = std::io::stderr().lock().write_all(&bytes_of(&executed.stderr, executed.stderr_base64.as_deref()));
}

/// The exact bytes of a stream.
fn bytes_of(text: &str, base64: Option<&str>) -> Vec<u8> {
    base64.and_then(|base64| STANDARD.decode(base64).ok()).unwrap_or_else(|| text.as_bytes().to_vec())
}

/// A script's exit code as a process can have it.
pub fn exit_code(executed: &ExecuteAnswer) -> u8 {
    u8::try_from(executed.exit_code.clamp(0, 255)).unwrap_or(u8::MAX)
}
