//! The audit log: `GET /v1/audit?since=&limit=&cursor=`, with a key of scope `admin`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One administrative act. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place in the log; the first is 1. Never used twice.
    pub seq: u64,
    /// Seconds since 1970 UTC.
    pub at: f64,
    /// Who: the id of a key or of a node, or `local` for somebody with access to the data directory.
    pub by: String,
    /// What, e.g. `key.created`, `grant.added`, `node.drained`.
    pub act: String,
    /// To what: the id of a key or of a node.
    pub subject: String,
    /// More about it, e.g. the node's name.
    pub detail: Value,
}

/// Response of `GET /v1/audit`, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditLog {
    /// At most `limit` (default 50, at most 500).
    pub items: Vec<AuditEntry>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}
