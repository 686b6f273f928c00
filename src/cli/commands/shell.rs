//! `waypost shell`: one script in a workspace, by the route of newer clients.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::cli::script::{Script, standard_input};
use clap::Args;
use serde_json::{Map, Value};

/// Run a script in a workspace and print its output as it comes; its exit code becomes this command's
///
/// Standard input is read to its end and goes to the script, unless it is a terminal. With --json, the result is printed at
/// the end, as an object.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost shell -w demo -c 'for i in 1 2 3; do echo $i; sleep 1; done'\n  \
    waypost shell -w demo -c 'rm -r /data' --explain")]
pub struct Shell {
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
    /// Do not wait: print the job's id
    #[arg(long, alias = "bg")]
    pub background: bool,
    /// Do not run it: show how it is read and whether it would be allowed
    #[arg(long, conflicts_with = "background")]
    pub explain: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Shell {
    /// Runs the script.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let server = self.place.open(global)?;
        let fields = [("command", Some(self.command)), ("cwd", self.cwd), ("runtime", self.runtime)];
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
        let stdin = if self.explain || self.background { Vec::new() } else { standard_input()? };
        let body = Map::from_iter(fields);
        let script = Script { workspace: self.workspace, session: self.session, body, stdin };
        if self.explain {
            let answer = script.explain(&server).await?;
            output.json(&answer);
            let denied = answer.get("outcome").and_then(Value::as_str) == Some("deny");
            return Ok(if denied { ExitKind::Failure.code() } else { 0 });
        }
        match (self.background, output.is_json()) {
            (true, _) => script.background_shell(&server, output).await,
            (false, true) => script.print_json(&server, output).await,
            (false, false) => script.stream(&server, output).await,
        }
    }
}
