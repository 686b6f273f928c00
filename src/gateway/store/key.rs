//! Keys as they are kept: never the key itself, only its hash.

use crate::wire::gateway::Scope;

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
