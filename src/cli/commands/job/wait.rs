//! `waypost job wait`.

use super::door_kind;
use super::view::View;
use crate::cli::args::{Global, seconds};
use crate::cli::door::DoorArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::client::{Door, escape};
use clap::Args;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long one request waits; below what proxies cut.
const HOLD: Duration = Duration::from_secs(25);

/// Wait for a job's end, print what it printed, and end with its exit code
///
/// A job that still runs at the end of the timeout is an error at a gateway (9). At a node's own address it is shown as it
/// is, with exit code 0, as existing clients have it; there the job is printed as JSON where stdout is not a terminal.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost job wait job_0199… --timeout 600")]
pub struct Wait {
    /// The job
    #[arg(value_name = "JOB")]
    pub id: String,
    /// Give up after so many seconds; the job goes on
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    #[command(flatten)]
    pub door: DoorArgs,
}

impl Wait {
    /// Waits.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let door = self.door.open(global)?;
        let job = until_end(&door, &self.id, self.timeout).await?;
        let view = View(&job);
        let output = if view.of_gateway() { output.clone() } else { output.json_in_pipes() };
        if view.ended() {
            return show_end(&job, &output);
        }
        let still = format!("{} is still {}", self.id, view.state());
        let hint =
            format!("go on waiting with `waypost job wait {0}`, or end it with `waypost job cancel {0}`", self.id);
        if view.of_gateway() {
            return Err(CliError::new(ExitKind::Timeout, format!("{still} ({})", view.reason())).hint(hint));
        }
        output.result(&job, || format!("{still}: {hint}"));
        Ok(0)
    }
}

/// Prints a job that has ended; the exit code is the job's.
pub fn show_end(job: &Value, output: &Output) -> Result<u8, CliError> {
    if output.is_json() {
        output.json(job);
    } else {
        View(job).print_end(output);
    }
    Ok(View(job).exit_code())
}

/// Waits for a job's end, however long it takes, or until the timeout in seconds; then the job may not have ended.
pub async fn until_end(door: &Door, id: &str, timeout: Option<f64>) -> Result<Value, CliError> {
    let begun = Instant::now();
    let limit = timeout.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    loop {
        let left = limit.map_or(HOLD, |limit| limit.saturating_sub(begun.elapsed()).min(HOLD));
        let body = json!({ "timeout_s": left.as_secs_f64() });
        let job: Value = match door.post(&format!("/v1/jobs/{}/wait", escape(id)), &body).await {
            Ok(job) => job,
            Err(error) => return Err(door_kind::failed(door, error).await),
        };
        if View(&job).ended() || limit.is_some_and(|limit| begun.elapsed() >= limit) {
            return Ok(job);
        }
    }
}
