//! The audit log: what was done to keys and nodes, and by whom. It only grows.

use serde_json::Value;

/// The acts of this version, so that nobody makes up a second word for one.
pub mod acts {
    /// A key was made.
    pub const KEY_CREATED: &str = "key.created";
    /// A key was revoked.
    pub const KEY_REVOKED: &str = "key.revoked";
    /// A key may use more nodes; or, when it could use all, only these.
    pub const GRANT_ADDED: &str = "grant.added";
    /// A key may use fewer nodes.
    pub const GRANT_REMOVED: &str = "grant.removed";
    /// A key may use every node.
    pub const GRANTS_LIFTED: &str = "grant.lifted";
    /// A machine's request to join was approved.
    pub const REGISTRATION_APPROVED: &str = "registration.approved";
    /// A machine's request to join was rejected.
    pub const REGISTRATION_REJECTED: &str = "registration.rejected";
    /// A token was made with which one node may join once.
    pub const ENROLLMENT_CREATED: &str = "enrollment.created";
    /// A node joined, for the first time or again.
    pub const NODE_JOINED: &str = "node.joined";
    /// A node was removed, or left.
    pub const NODE_REMOVED: &str = "node.removed";
    /// A removed node is back without a new setup.
    pub const NODE_RESTORED: &str = "node.restored";
    /// A node has another name.
    pub const NODE_RENAMED: &str = "node.renamed";
    /// The operator's labels of a node changed.
    pub const NODE_LABELLED: &str = "node.labelled";
    /// A node shall take nothing new.
    pub const NODE_DRAINED: &str = "node.drained";
    /// A node shall take jobs again.
    pub const NODE_RESUMED: &str = "node.resumed";
    /// A new token waits for a node.
    pub const NODE_ROTATED: &str = "node.token_rotated";
}

/// An act to be written down. Who did it is said by [`Store::by`](super::Store::by).
#[derive(Debug, Clone)]
pub struct NewAudit {
    /// What, one of [`acts`] or a word of the same form.
    pub act: String,
    /// To what: the id of a key, a node, a registration.
    pub subject: String,
    /// More about it. Never a secret.
    pub detail: Value,
}

/// An act that was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// From 1, never used twice.
    pub seq: u64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub by: String,
    /// What.
    pub act: String,
    /// To what.
    pub subject: String,
    /// More about it.
    pub detail: Value,
}

/// Which acts to list.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only those at this time or later.
    pub since_ms: Option<i64>,
    /// Only those before this one.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: u32,
}
