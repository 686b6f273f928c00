//! `waypost node status`: what the running node says of itself.

use crate::base::unix_ms;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, age, checks};
use crate::daemon::DaemonError;
use crate::state::{Home, InstanceLock, NodeConfig, NodeStatus};
use clap::Args;

/// Show how the node is
///
/// Reads what the running node publishes; sends nothing. Ends with 0 when it runs, 3 when it does not, 4 when it is not set up.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node status --json")]
pub struct Status {}

impl Status {
    /// Prints the status.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let (status, running) = current(&home)?;
        output.result(&status, || text(&status, running));
        Ok(if running { 0 } else { ExitKind::NotRunning.code() })
    }
}

/// The node's status and whether it runs. A status without a process is the last word of a node that is gone.
pub fn current(home: &Home) -> Result<(NodeStatus, bool), CliError> {
    let config = NodeConfig::load(home)?;
    let Some(node_id) = config.node_id else { return Err(DaemonError::NotSetUp.into()) };
    let holder = InstanceLock::holder(home)?;
    let written = NodeStatus::load(home)?;
    match (holder, written) {
        (Some(pid), Some(status)) if status.pid == pid => Ok((status, true)),
        (holder, written) => {
            // It has the lock but has not written yet, or nothing runs.
            let superseded = written.as_ref().is_some_and(|status| status.state == "superseded");
            let state = match holder {
                Some(_) => "starting",
                None if superseded => "superseded",
                None => "stopped",
            };
            let why = written.iter().flat_map(|status| &status.conditions).filter(|part| part.reason == "superseded");
            let status = NodeStatus {
                node_id,
                state: state.to_owned(),
                pid: holder.unwrap_or_default(),
                conditions: why.cloned().collect(),
                active_jobs: 0,
                api_url: None,
                name: config.server_name.unwrap_or_default(),
                gateway: config.gateway_base_url.unwrap_or_default(),
                ..written.unwrap_or_default()
            };
            Ok((status, holder.is_some()))
        }
    }
}

fn text(status: &NodeStatus, running: bool) -> String {
    let now = unix_ms();
    let ago = |at: i64| age(u64::try_from(now - at).unwrap_or_default());
    let mut lines = vec![format!("{} is {} ({} at {})", status.name, status.state, status.node_id, status.gateway)];
    if running && status.started_ms > 0 {
        lines.push(format!("process {}, up {}, version {}", status.pid, ago(status.started_ms), status.version));
        lines.push(format!("jobs {}/{}, {} waiting", status.active_jobs, status.slots, status.queued_jobs));
    }
    if status.outbox.pending > 0 {
        let oldest = status.outbox.oldest_ms.map(|at| format!(", the oldest for {}", ago(at))).unwrap_or_default();
        lines.push(format!("{} results wait for the gateway{oldest}", status.outbox.pending));
    }
    if let Some(url) = &status.api_url {
        lines.push(format!("its own /v1 at {url}"));
    }
    if !status.conditions.is_empty() {
        let rows = status.conditions.iter().map(|part| {
            (part.ok, vec![part.kind.clone(), part.reason.clone(), ago(part.since_ms), part.message.clone()])
        });
        lines.push(String::new());
        lines.push(checks(&["CONDITION", "REASON", "FOR", "MESSAGE"], rows));
    }
    if !running {
        lines.push("start it with `waypost node run`".to_owned());
    }
    lines.join("\n")
}
