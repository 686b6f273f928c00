//! `waypost job cancel`.

use super::door_kind;
use super::view::View;
use crate::cli::args::Global;
use crate::cli::door::DoorArgs;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::escape;
use clap::Args;
use serde_json::Value;

/// Ask for a job's end
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost job cancel job_0199…")]
pub struct Cancel {
    /// The job
    #[arg(value_name = "JOB")]
    pub id: String,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Cancel {
    /// Asks.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let answer: Value = match door.delete(&format!("/v1/jobs/{}", escape(&self.id))).await {
            Ok(answer) => answer,
            Err(error) => return Err(door_kind::failed(&door, error).await),
        };
        let canceled = answer.get("canceled").and_then(Value::as_bool);
        // Only a node says it so.
        let output = if canceled.is_some() { output.json_in_pipes() } else { output.clone() };
        output.result(&answer, || match canceled {
            Some(true) => format!("{} is being cancelled", self.id),
            Some(false) => format!("{} had ended already", self.id),
            None if View(&answer).ended() => format!("{} has ended: {}", self.id, View(&answer).state()),
            None => format!("{} is being cancelled", self.id),
        });
        Ok(0)
    }
}
