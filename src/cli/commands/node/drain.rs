//! `waypost node drain` and `resume`: whether the node takes new jobs.

use crate::cli::args::{Global, seconds};
use crate::cli::error::CliError;
use crate::cli::install::ScopeArgs;
use crate::cli::output::Output;
use crate::daemon::{jobs_ended, set_drain};
use crate::state::NodeStatus;
use clap::Args;
use serde_json::json;
use std::time::Duration;

/// Without a limit; far enough.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Let the node finish what it has and take nothing new
///
/// It stays so, also after a restart, until `waypost node resume`. A node that runs goes by it at once and tells its gateway.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node drain --wait")]
pub struct Drain {
    /// Wait until no job runs any more
    #[arg(long)]
    pub wait: bool,
    /// Wait at most this long; ends with 9 when jobs still run then
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = seconds)]
    pub timeout: Option<f64>,
    #[command(flatten)]
    pub scope: ScopeArgs,
}

/// Let a drained node take jobs again
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node resume")]
pub struct Resume {
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl Drain {
    /// Drains.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (_, home) = self.scope.home(global.home.clone())?;
        let mut status = set_drain(&home, true).await?;
        if self.wait && status.is_some() {
            status = jobs_ended(&home, self.timeout.map_or(FOR_EVER, Duration::from_secs_f64)).await?;
        }
        report(output, true, status.as_ref());
        Ok(0)
    }
}

impl Resume {
    /// Resumes.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (_, home) = self.scope.home(global.home.clone())?;
        let status = set_drain(&home, false).await?;
        report(output, false, status.as_ref());
        Ok(0)
    }
}

fn report(output: &Output, drained: bool, status: Option<&NodeStatus>) {
    let left = status.map(|status| status.active_jobs + status.queued_jobs);
    let value = json!({ "drained": drained, "running": status.is_some(), "jobs_left": left.unwrap_or(0) });
    output.result(&value, || {
        match (drained, left) {
            (true, Some(0)) => "drained: it takes no new jobs, and none runs",
            (true, Some(1)) => "drained: it takes no new jobs; 1 still runs",
            (true, Some(left)) => return format!("drained: it takes no new jobs; {left} still run"),
            (true, None) => "drained: it will take no jobs when it runs; it does not run now",
            (false, Some(_)) => "it takes jobs again",
            (false, None) => "it will take jobs when it runs; it does not run now",
        }
        .to_owned()
    });
}
