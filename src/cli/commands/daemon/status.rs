//! `waypost daemon status`: whether `/v1` is there.

use super::url_of;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::{Output, age};
use crate::cli::settings;
use crate::daemon::{Running, answers};
use clap::Args;
use serde_json::json;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Say whether a daemon answers
///
/// Looks at what runs from this home, else at the URL of the settings. Ends with 1 when nothing answers.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost daemon status || waypost daemon start")]
pub struct Status {}

impl Status {
    /// Prints it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, settings) = settings::load(global)?;
        let running = Running::of(&home)?;
        let pid = running.as_ref().map(|running| running.pid);
        let url = running.as_ref().map_or_else(|| url_of(&settings), |running| running.url.clone());
        let Some(health) = answers(&url, PATIENCE).await else {
            let answer = json!({ "running": false, "pid": pid, "url": url });
            output.result(&answer, || match pid {
                Some(pid) => format!("Daemon not answering. PID {pid}. URL: {url}"),
                None => format!("Daemon not running. URL: {url}"),
            });
            return Ok(1);
        };
        let mut answer = json!({ "running": true, "pid": pid, "url": url });
        if let (Some(answer), Ok(serde_json::Value::Object(health))) =
            (answer.as_object_mut(), serde_json::to_value(&health))
        {
            answer.extend(health);
        }
        output.result(&answer, || {
            let pid = pid.map_or_else(|| "unknown (not of this home)".to_owned(), |pid| pid.to_string());
            let uptime = age((health.uptime_s.max(0.0) * 1000.0) as u64);
            let workspaces = if health.workspaces == 1 { "workspace" } else { "workspaces" };
            format!("Running. PID {pid}, uptime {uptime}, {} {workspaces}. URL: {url}", health.workspaces)
        });
        Ok(0)
    }
}
