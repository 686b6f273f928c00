//! `waypost job wait`.

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
        show_end(&job, output)
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

/// Waits for a job's end, however long it takes, or until the timeout in seconds.
pub async fn until_end(door: &Door, id: &str, timeout: Option<f64>) -> Result<Value, CliError> {
    let begun = Instant::now();
    let limit = timeout.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    loop {
        let left = limit.map_or(HOLD, |limit| limit.saturating_sub(begun.elapsed()).min(HOLD));
        let body = json!({ "timeout_s": left.as_secs_f64() });
        let job: Value = door.post(&format!("/v1/jobs/{}/wait", escape(id)), &body).await?;
        if View(&job).ended() {
            return Ok(job);
        }
        if limit.is_some_and(|limit| begun.elapsed() >= limit) {
            let state = View(&job).state().to_owned();
            return Err(CliError::new(ExitKind::Timeout, format!("{id} is still {state} ({})", View(&job).reason()))
                .hint(format!(
                    "go on waiting with `waypost job wait {id}`, or end it with `waypost job cancel {id}`"
                )));
        }
    }
}
