//! `waypost daemon kill`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::settings;
use crate::daemon::kill;
use crate::state::{InstanceLock, NodeStatus};
use clap::Args;
use serde_json::json;

/// End the daemon of this home at once, without a word to it
///
/// What it keeps stays whole: all that was acknowledged is on disk. A node is not ended by this.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost daemon kill")]
pub struct Kill {}

impl Kill {
    /// Kills it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, _) = settings::load(global)?;
        // The lock and not the status: one that hangs before it could write is to be ended, too.
        let Some(pid) = InstanceLock::holder(&home)? else {
            let answer = json!({ "killed": false, "reason": "no daemon running", "pid": null });
            output.result(&answer, || "Daemon not running.".to_owned());
            return Ok(0);
        };
        if NodeStatus::of_running(&home)?.is_some_and(|status| status.role == "node") {
            return Err(CliError::new(ExitKind::Superseded, format!("process {pid} is a node, not a daemon"))
                .hint("stop the node where it was started: its service, or Ctrl-C in its terminal"));
        }
        if kill(&home, pid).await? {
            output.result(&json!({ "killed": true, "pid": pid }), || format!("Killed PID {pid}."));
        } else {
            let answer = json!({ "killed": false, "reason": "process already gone", "pid": pid });
            output.result(&answer, || format!("Already gone (PID {pid})."));
        }
        Ok(0)
    }
}
