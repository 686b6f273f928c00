//! `waypost job list`.

use super::view::View;
use crate::base::unix_seconds;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, age, table};
use crate::client::escape;
use clap::Args;
use serde_json::Value;

/// List jobs, newest first
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost job list --state running")]
pub struct List {
    /// Only jobs in this state
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only jobs of this node
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub limit: u32,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl List {
    /// Prints the list.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let mut path = format!("/v1/jobs?limit={}", self.limit);
        for (name, value) in [("state", &self.state), ("node", &self.node)] {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", escape(value)));
            }
        }
        let answer: Value = door.get(&path).await?;
        // A gateway answers a page, a node's own door the whole list, oldest first.
        let jobs: Vec<&Value> = match answer.get("items").unwrap_or(&answer).as_array() {
            Some(_) if answer.is_array() && self.node.is_some() => {
                return Err(CliError::new(ExitKind::Usage, "a node's own address has no other nodes")
                    .hint("leave out --node, or name a gateway with --url"));
            }
            Some(items) if answer.is_array() => {
                let wanted = |job: &&Value| self.state.as_ref().is_none_or(|state| View(job).state() == state);
                items.iter().rev().filter(wanted).take(self.limit as usize).collect()
            }
            Some(items) => items.iter().collect(),
            None => Vec::new(),
        };
        if answer.is_array() {
            output.result(&jobs, || text(&jobs));
        } else {
            output.result(&answer, || text(&jobs));
        }
        Ok(0)
    }
}

fn text(jobs: &[&Value]) -> String {
    if jobs.is_empty() {
        return "no jobs".to_owned();
    }
    let now = unix_seconds();
    let rows = jobs.iter().map(|job| {
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
