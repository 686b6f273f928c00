//! Keys as they are kept: never the key itself, only its hash.

use crate::wire::gateway::{Grant, Scope};
use std::collections::BTreeMap;

/// A key to be kept.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// `base::hash_token` of the key.
    pub hash: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// For people.
    pub label: Option<String>,
    /// When it stops working.
    pub expires_ms: Option<i64>,
    /// How often it may be used.
    pub uses: Option<u32>,
    /// The nodes that it may use, by id; none means every node.
    pub grants: Option<Vec<Grant>>,
}

/// A key that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRecord {
    /// `key_…`.
    pub id: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// For people.
    pub label: Option<String>,
    /// When it was made.
    pub created_ms: i64,
    /// When it stops working.
    pub expires_ms: Option<i64>,
    /// Uses that are left.
    pub uses_left: Option<u32>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
    /// The nodes that it may use, by id; none means every node.
    pub grants: Option<Vec<Grant>>,
}

impl KeyRecord {
    /// Whether it may use a node of that id and those labels.
    pub fn may_use(&self, node_id: &str, labels: &BTreeMap<String, String>) -> bool {
        self.grants.as_deref().is_none_or(|grants| allow(grants, node_id, labels))
    }
}

/// Whether one of these grants is of a node of that id and those labels.
pub(crate) fn allow(grants: &[Grant], node_id: &str, labels: &BTreeMap<String, String>) -> bool {
    grants.iter().any(|grant| {
        let names_something = grant.node.is_some() || !grant.labels.is_empty();
        names_something
            && grant.node.as_ref().is_none_or(|node| node == node_id)
            && grant.labels.iter().all(|(name, value)| labels.get(name) == Some(value))
    })
}

/// A change of what a key may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// One more. A key that could use every node can use only this from then on.
    Add(Grant),
    /// One less. A key without its last grant can use no node.
    Remove(Grant),
    /// It may use every node.
    Lift,
}

/// What became of a change of grants.
#[derive(Debug, Clone, PartialEq)]
pub enum GrantOutcome {
    /// The key as it is now.
    Changed(KeyRecord),
    /// It was so already; the key as it is.
    Unchanged(KeyRecord),
    /// No such key.
    Unknown,
}

/// Whether a key is good. The reasons are told to its holder: they know the key, so nothing is given away.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyCheck {
    /// It is.
    Good(KeyRecord),
    /// No such key.
    Unknown,
    /// It expired at this time.
    Expired(i64),
    /// It was used as often as it may.
    UsedUp,
    /// It was revoked.
    Revoked,
    /// It is good, but not for this scope; these it has.
    OutOfScope(Vec<Scope>),
}
