//! What the running node says of itself, for `node status` and `doctor` in another process.
//!
//! Loops publish to a board in memory; one task writes it to a file. Readers also check the instance lock: a status file
//! without a holder is the last word of a node that is gone.

use super::{Home, InstanceLock, StateError};
use crate::base::unix_ms;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How soon after a change the file may be written again.
const SPACING: Duration = Duration::from_millis(500);
/// How old the file may become while nothing changes.
const REFRESH: Duration = Duration::from_secs(5);

/// The running node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeStatus {
    /// Its process.
    pub pid: u32,
    /// `node` or `daemon`.
    pub role: String,
    /// Which run of the program it is, as the gateway knows it.
    pub instance_id: String,
    /// The version of the program.
    pub version: String,
    /// When it started, milliseconds since 1970 UTC.
    pub started_ms: i64,
    /// Who it is at its gateway.
    pub node_id: String,
    /// Its name there.
    pub name: String,
    /// The gateway.
    pub gateway: String,
    /// The protocol in use with it; 0 until it has answered.
    pub protocol: u32,
    /// What `waypost daemon start` was given, so that a restart can repeat it. Holds no secret.
    pub arguments: Vec<String>,
    /// A daemon is `serving`; a node is `starting`, `online`, `degraded`, `draining`, `unauthorized`, `removed`, `superseded`, `failed` or
    /// `stopped`.
    pub state: String,
    /// One per part, in a stable order.
    pub conditions: Vec<Condition>,
    /// All slots.
    pub slots: u32,
    /// Jobs that have a slot.
    pub active_jobs: u32,
    /// Jobs that wait for one.
    pub queued_jobs: u32,
    /// Whether its owner wants it to take no new jobs, as far as the running node knows.
    pub drained: bool,
    /// The job that ended last.
    pub last_job: Option<LastJob>,
    /// Results that the gateway does not have yet.
    pub outbox: OutboxStatus,
    /// When the gateway last answered a heartbeat, milliseconds since 1970 UTC.
    pub last_heartbeat_ms: Option<i64>,
    /// Where the node's own `/v1` is.
    pub api_url: Option<String>,
    /// Where callers reach the node directly, while it listens there.
    pub direct: Option<DirectStatus>,
    /// When this was written, milliseconds since 1970 UTC.
    pub written_ms: i64,
}

/// Where callers reach the node directly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectStatus {
    /// The address that callers know.
    pub url: String,
    /// Where the node listens.
    pub listen: String,
    /// `sha256:` and the hex SHA-256 of the certificate; none without one.
    pub fingerprint: Option<String>,
    /// Whether callers have to know the fingerprint, because no authority vouches for the certificate.
    pub pinned: bool,
    /// Until when the certificate is good, seconds since 1970 UTC.
    pub not_after: Option<i64>,
}

/// A job that ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LastJob {
    /// The gateway's id for it.
    pub id: String,
    /// Its operation, e.g. `workspaces.execute`.
    pub operation: String,
    /// How it ended: `succeeded`, `failed`, `cancelled`, `timed_out`, `lost` or `refused`.
    pub state: String,
    /// A code for why.
    pub reason: String,
    /// When, milliseconds since 1970 UTC.
    pub ended_ms: i64,
}

/// Results that the gateway does not have yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutboxStatus {
    /// How many wait to be delivered.
    pub pending: u64,
    /// Since when the oldest of them waits, milliseconds since 1970 UTC.
    pub oldest_ms: Option<i64>,
    /// How many the gateway refused for good; kept for a week.
    pub undeliverable: u64,
}

/// One part of the node's health.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Condition {
    /// Which part: `process`, `link`, `claims`, `lease`, `outbox`, `journal`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// A code for the state.
    pub reason: String,
    /// A sentence for people, with the way out when it is not ok.
    pub message: String,
    /// Since when `ok` and `reason` are so, milliseconds since 1970 UTC.
    pub since_ms: i64,
}

impl NodeStatus {
    /// The last status that a node of this home wrote. A damaged file says nothing, and the running node replaces it.
    ///
    /// # Errors
    /// What the file system said.
    pub fn load(home: &Home) -> Result<Option<Self>, StateError> {
        let path = home.status();
        match fs::read(&path) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
            Err(failed) => Err(StateError::io(&path)(failed)),
        }
    }

    /// What the process that runs from this home says of itself; none when nothing runs, or it has not written yet.
    ///
    /// # Errors
    /// What the file system said.
    pub fn of_running(home: &Home) -> Result<Option<Self>, StateError> {
        let Some(pid) = InstanceLock::holder(home)? else { return Ok(None) };
        Ok(Self::load(home)?.filter(|status| status.pid == pid))
    }

    /// The condition of that part.
    pub fn condition(&self, kind: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
}

/// Where the running node's parts publish how they are.
#[derive(Debug)]
pub struct StatusBoard {
    status: watch::Sender<NodeStatus>,
    path: PathBuf,
}

impl StatusBoard {
    /// A board that starts with `status`.
    pub fn new(home: &Home, status: NodeStatus) -> Self {
        Self { status: watch::Sender::new(status), path: home.status() }
    }

    /// Publishes how one part is. The time of the last change is kept while only the sentence differs.
    pub fn condition(&self, kind: &str, ok: bool, reason: &str, message: impl Into<String>) {
        let message = message.into();
        self.update(|status| {
            let index = status.conditions.iter().position(|condition| condition.kind == kind).unwrap_or_else(|| {
                status.conditions.push(Condition { kind: kind.to_owned(), ..Condition::default() });
                status.conditions.len() - 1
            });
            let condition = &mut status.conditions[index];
            if condition.ok != ok || condition.reason != reason {
                condition.since_ms = unix_ms();
            }
            condition.ok = ok;
            condition.reason.clear();
            condition.reason.push_str(reason);
            condition.message = message;
        });
    }

    /// Changes anything else.
    pub fn update(&self, change: impl FnOnce(&mut NodeStatus)) {
        self.status.send_if_modified(|status| {
            let before = status.clone();
            change(status);
            *status != before
        });
    }

    /// What stands on it now.
    pub fn snapshot(&self) -> NodeStatus {
        self.status.borrow().clone()
    }

    /// Sees every change, or at least the last one.
    pub fn watch(&self) -> watch::Receiver<NodeStatus> {
        self.status.subscribe()
    }

    /// Writes the file on change, at most twice a second, and every five seconds, until `end`; then once more.
    pub async fn run(&self, end: CancellationToken) {
        let mut changes = self.watch();
        loop {
            changes.mark_unchanged();
            self.write_off_thread().await;
            tokio::select! {
                () = end.cancelled() => break,
                () = tokio::time::sleep(SPACING) => {}
            }
            tokio::select! {
                () = end.cancelled() => break,
                _ = changes.changed() => {}
                () = tokio::time::sleep(REFRESH - SPACING) => {}
            }
        }
        self.write_off_thread().await;
    }

    async fn write_off_thread(&self) {
        let status = NodeStatus { written_ms: unix_ms(), ..self.snapshot() };
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || write(&path, &status)).await;
        if let Ok(Err(failed)) = written {
            // Not worth ending the node for: readers see how old the file is.
            tracing::warn!(path = %self.path.display(), %failed, "status not written");
        }
    }
}

/// Whole or not at all, but without fsync: nobody reads it after a power cut.
fn write(path: &std::path::Path, status: &NodeStatus) -> std::io::Result<()> {
    let dir = path.parent().unwrap_or(std::path::Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".status-").tempfile_in(dir)?;
    file.write_all(&serde_json::to_vec_pretty(status)?)?;
    file.persist(path).map(drop).map_err(|failed| failed.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn the_file_holds_the_last_word() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        assert_eq!(NodeStatus::load(&home).unwrap(), None);

        let board = Arc::new(StatusBoard::new(&home, NodeStatus { pid: 7, ..NodeStatus::default() }));
        let end = CancellationToken::new();
        let writer = tokio::spawn({
            let (board, end) = (board.clone(), end.clone());
            async move { board.run(end).await }
        });
        board.condition("link", false, "backing_off", "the gateway does not answer");
        let since = board.snapshot().condition("link").unwrap().since_ms;
        board.condition("link", false, "backing_off", "still not");
        assert_eq!(board.snapshot().condition("link").unwrap().since_ms, since);
        end.cancel();
        writer.await.unwrap();

        let status = NodeStatus::load(&home).unwrap().unwrap();
        assert_eq!((status.pid, status.condition("link").unwrap().message.as_str()), (7, "still not"));
        fs::write(home.status(), b"\xff\xfe").unwrap();
        assert_eq!(NodeStatus::load(&home).unwrap(), None);
    }
}
