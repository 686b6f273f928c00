//! The port through which workspaces survive a restart. Declared here by its user; `crate::store` is the adapter.

use super::config::Mode;
use super::{Change, Tree};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The store failed; what it was asked to keep is not kept.
#[derive(Debug, thiserror::Error)]
#[error("workspace store: {what}: {source}")]
pub struct StoreError {
    /// What was tried.
    pub what: String,
    /// What the database or the disk said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Everything about a workspace but its files.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceRecord {
    /// The workspace's id.
    pub id: String,
    /// The configuration in its normalised form: as `WorkspaceConfig::to_kept_json` gives it in what goes to the store
    /// and comes from it, as `to_json` does in what is shown.
    pub config: serde_json::Value,
    /// When it was created, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Its sessions in the order of their creation; the first one is the default session.
    pub sessions: Vec<SessionRecord>,
}

impl fmt::Debug for WorkspaceRecord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the configuration: what is kept of it has secrets.
        out.debug_struct("WorkspaceRecord")
            .field("id", &self.id)
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}

/// A session between two executions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// The session's id, unique in its workspace.
    pub id: String,
    /// Its current directory.
    pub cwd: String,
    /// Mount prefixes (`/data/`) that it may touch; none means all.
    pub allowed_mounts: Option<Vec<String>>,
    /// Mounts (`/data/`) in which it may do less than their own mode allows. Records of earlier versions have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mount_modes: BTreeMap<String, Mode>,
    /// The shell's own state (variables, functions, options) in the engine's form; null when it is still fresh.
    pub shell: serde_json::Value,
}

/// A workspace as the store gives it back.
#[derive(Debug, Clone)]
pub struct StoredWorkspace {
    /// Everything but the files.
    pub record: WorkspaceRecord,
    /// The files of each `ram` mount, by its prefix (`/data/`).
    pub trees: BTreeMap<String, Tree>,
}

/// What one execution changed.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    /// Changes of `ram` mounts, by prefix.
    pub files: Vec<(String, Vec<Change>)>,
    /// Sessions that are new or whose state differs.
    pub sessions: Vec<SessionRecord>,
    /// Sessions that are gone.
    pub removed_sessions: Vec<String>,
}

impl Delta {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|(_, changes)| changes.is_empty())
            && self.sessions.is_empty()
            && self.removed_sessions.is_empty()
    }
}

/// Keeps workspaces. Every method returns only when its effect survives a power cut, and is all or nothing.
#[async_trait]
pub trait Store: Send + Sync {
    /// Every workspace that is kept, in the order of creation.
    async fn load_all(&self) -> Result<Vec<StoredWorkspace>, StoreError>;

    /// Keeps a new workspace with its files.
    async fn create(&self, workspace: &StoredWorkspace) -> Result<(), StoreError>;

    /// Keeps `record` as a new workspace whose files are those that `source` has in the store now. O(1) in their number.
    async fn clone_from(&self, source: &str, record: &WorkspaceRecord) -> Result<(), StoreError>;

    /// Adds what changed since the last call for this workspace.
    async fn apply(&self, id: &str, delta: &Delta) -> Result<(), StoreError>;

    /// Forgets a workspace. Content that nothing else uses may be reclaimed later.
    async fn delete(&self, id: &str) -> Result<(), StoreError>;
}
