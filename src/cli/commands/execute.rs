//! `waypost execute`: one script in a workspace, at any door.

use crate::cli::args::{Global, seconds};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::pairs::pairs;
use crate::cli::place::Place;
use crate::cli::script::{Script, standard_input};
use clap::Args;
use serde_json::{Map, Value, json};

/// Run a script in a workspace; its exit code becomes this command's
///
/// Standard input is read to its end and goes to the script, unless it is a terminal; say `< /dev/null` where there is none.
/// Output comes as the script writes it, where the server can do that. Interrupting this command cancels the script.
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
    /// What runs it, where the server has a choice
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Environment for this script only
    #[arg(short, long = "env", value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Time limit in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    /// Do not wait: print the job's id
    #[arg(long, alias = "bg")]
    pub background: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Execute {
    /// Runs the script and prints what it printed.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let server = self.place.open(global)?;
        // Only the older route knows these.
        let older = !self.env.is_empty() || self.timeout.is_some();
        let stdin = if self.background { Vec::new() } else { standard_input()? };
        let script = Script { body: self.body()?, workspace: self.workspace, session: self.session, stdin };
        match (self.background, output.is_json()) {
            (true, _) => script.background(&server, output).await,
            (false, true) => script.print_json_of_execute(&server, output).await,
            (false, false) if older => script.execute(&server, output).await,
            (false, false) => script.stream(&server, output).await,
        }
    }

    fn body(&self) -> Result<Map<String, Value>, CliError> {
        let mut body = Map::from_iter([("command".to_owned(), json!(self.command))]);
        let env = pairs("--env", &self.env, false)?;
        let fields = [
            ("cwd", self.cwd.as_ref().map(|cwd| json!(cwd))),
            ("runtime", self.runtime.as_ref().map(|name| json!(name))),
            ("timeout_s", self.timeout.map(|seconds| json!(seconds))),
            ("env", (!env.is_empty()).then(|| json!(env))),
        ];
        body.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Ok(body)
    }
}
