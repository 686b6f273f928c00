//! The owner's word on new jobs: kept in `config.json`, so that it survives a restart, and seen by the node that runs.

use super::DaemonError;
use crate::relay::Drain;
use crate::state::{Home, NodeConfig, NodeStatus};
use std::fs;
use std::time::{Duration, Instant, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often the running node looks at its settings: one `stat`.
const LOOK: Duration = Duration::from_millis(500);

/// How often somebody who waits looks at the node's status.
const WAIT: Duration = Duration::from_millis(100);

/// How long a running node may take to see it.
const SEEN: Duration = Duration::from_secs(10);

/// Keeps whether the node takes new jobs, and waits until the running node goes by it. The status then; none when no node
/// runs, which goes by it when it starts.
///
/// # Errors
/// When the node is not set up, its settings cannot be written, or the running node does not see it.
pub async fn set_drain(home: &Home, drained: bool) -> Result<Option<NodeStatus>, DaemonError> {
    let mut config = NodeConfig::load(home)?;
    if config.node_id.is_none() {
        return Err(DaemonError::NotSetUp);
    }
    if config.drain_mode.unwrap_or(false) != drained {
        config.drain_mode = Some(drained);
        config.store(home)?;
    }
    let begun = Instant::now();
    loop {
        let Some(status) = NodeStatus::of_running(home)? else {
            if super::running(home)?.is_none() {
                return Ok(None);
            }
            // It is starting: it has read its settings, or will.
            late(begun)?;
            tokio::time::sleep(WAIT).await;
            continue;
        };
        if status.drained == drained || status.role != "node" {
            return Ok(Some(status));
        }
        late(begun)?;
        tokio::time::sleep(WAIT).await;
    }
}

/// Waits until the node that runs has no job any more; at most `patience`. The status then; none when no node runs.
///
/// # Errors
/// [`DaemonError::Late`] with what still runs.
pub async fn jobs_ended(home: &Home, patience: Duration) -> Result<Option<NodeStatus>, DaemonError> {
    let begun = Instant::now();
    loop {
        let Some(status) = NodeStatus::of_running(home)? else { return Ok(None) };
        let left = status.active_jobs + status.queued_jobs;
        if left == 0 {
            return Ok(Some(status));
        }
        if begun.elapsed() >= patience {
            return Err(DaemonError::Late(format!("{left} of the node's jobs still run")));
        }
        tokio::time::sleep(WAIT).await;
    }
}

fn late(begun: Instant) -> Result<(), DaemonError> {
    if begun.elapsed() < SEEN {
        return Ok(());
    }
    let text = "the setting is kept, but the running node does not go by it: `waypost node status` shows how it is";
    Err(DaemonError::Late(text.to_owned()))
}

/// Has the running node go by what its settings say, until `end`.
pub(super) async fn follow(home: Home, drain: Drain, end: CancellationToken) {
    let mut seen = stamp(&home).await;
    loop {
        tokio::select! {
            () = end.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let now = stamp(&home).await;
        if now == seen {
            continue;
        }
        let home = home.clone();
        // Settings that cannot be read say nothing; whoever wrote them is told at the next start.
        match tokio::task::spawn_blocking(move || NodeConfig::load(&home)).await {
            Ok(Ok(config)) => drain.go_by(&config),
            Ok(Err(failed)) => tracing::warn!(%failed, "the changed settings cannot be read"),
            Err(fault) => tracing::warn!(%fault, "the changed settings cannot be read"),
        }
        seen = now;
    }
}

/// What changes when the file is replaced.
async fn stamp(home: &Home) -> Option<(Option<SystemTime>, u64)> {
    let path = home.config();
    let stamp =
        tokio::task::spawn_blocking(move || fs::metadata(path).ok().map(|file| (file.modified().ok(), file.len())));
    stamp.await.ok().flatten()
}
