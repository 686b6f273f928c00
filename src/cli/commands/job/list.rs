//! `waypost job list`.

use super::door_kind;
use super::view::View;
use crate::base::unix_seconds;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, age, table};
use crate::client::{DoorError, escape};
use clap::Args;
use serde_json::Value;

/// List jobs, newest first
///
/// As JSON, a gateway's answer is a page, newest first; a node's own is the whole list, oldest first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost job list --state running\n  waypost job list --workspace demo")]
pub struct List {
    /// Only jobs of this workspace, at a node's own address
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: Option<String>,
    /// Only jobs in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only jobs of this node
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// At most so many, the newest [default: 50; as JSON all of a node's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: Option<u32>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl List {
    /// Prints the list.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let mut path = format!("/v1/jobs?limit={}", self.limit.unwrap_or(FEW));
        for (name, value) in [("state", &self.state), ("node", &self.node), ("workspace_id", &self.workspace)] {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", escape(value)));
            }
        }
        let answer: Value = match door.get(&path).await {
            Ok(answer) => answer,
            // A gateway refuses what it does not list by.
            Err(DoorError::Refused(_)) if self.workspace.is_some() && !door_kind::is_node(&door).await => {
                return Err(not_by_workspace());
            }
            Err(error) => return Err(door_kind::failed(&door, error).await),
        };
        match (answer.as_array(), answer.get("items").and_then(Value::as_array)) {
            (Some(jobs), _) => self.of_node(jobs, output),
            (None, Some(_)) if self.workspace.is_some() => Err(not_by_workspace()),
            (None, Some(jobs)) => {
                output.result(&answer, || text(jobs.iter()));
                Ok(0)
            }
            (None, None) => Err(CliError::new(ExitKind::Failure, "the answer is not a list of jobs")
                .hint("is something else listening at this address?")),
        }
    }

    fn of_node(&self, jobs: &[Value], output: &Output) -> Result<u8, CliError> {
        if self.node.is_some() {
            return Err(CliError::new(ExitKind::Usage, "a node's own address has no other nodes")
                .hint("leave out --node, or name a gateway with --url"));
        }
        let wanted = jobs.iter().filter(|job| self.state.as_ref().is_none_or(|state| View(job).state() == state));
        let mut wanted: Vec<_> = wanted.collect();
        let output = output.json_in_pipes();
        let all = if output.is_json() { usize::MAX } else { FEW as usize };
        let most = self.limit.map_or(all, |limit| limit as usize);
        wanted.drain(..wanted.len().saturating_sub(most));
        output.result(&wanted, || text(wanted.iter().rev().copied()));
        Ok(0)
    }
}

fn not_by_workspace() -> CliError {
    CliError::new(ExitKind::Usage, "a gateway's jobs are not listed by workspace")
        .hint("leave out --workspace, or name the node's own address: --url GATEWAY/nodes/NODE")
}

/// As many as a person reads.
const FEW: u32 = 50;

fn text<'a>(jobs: impl ExactSizeIterator<Item = &'a Value>) -> String {
    if jobs.len() == 0 {
        return "no jobs".to_owned();
    }
    let now = unix_seconds();
    let rows = jobs.map(|job| {
        let view = View(job);
        let what: String = view.what().lines().next().unwrap_or_default().chars().take(60).collect();
        let old = age(((now - view.created()).max(0.0) * 1000.0) as u64);
        vec![
            view.id().to_owned(),
            view.state().to_owned(),
            view.reason().to_owned(),
            view.place().to_owned(),
            old,
            what,
        ]
    });
    table(&["JOB", "STATE", "REASON", "WHERE", "AGE", "WHAT"], rows)
}
