//! Keys: `POST /v1/keys`, `GET /v1/keys`, `DELETE /v1/keys/{id}`, with a key of scope `admin`.

use super::Grant;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Join nodes.
    Enroll,
    /// Use nodes: jobs and the relayed `/v1`.
    Call,
    /// Keys and nodes.
    Admin,
}

impl Scope {
    /// The word on the wire, on the command line and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enroll => "enroll",
            Self::Call => "call",
            Self::Admin => "admin",
        }
    }

    /// The scope of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Enroll, Self::Call, Self::Admin].into_iter().find(|scope| scope.as_str() == word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Request for a new key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// At least one.
    pub scopes: Vec<Scope>,
    /// What it is for, for people.
    #[serde(default)]
    pub label: Option<String>,
    /// Seconds until it expires; none means never.
    #[serde(default)]
    pub ttl_s: Option<u64>,
    /// How often it may be used; none means as often as wanted.
    #[serde(default)]
    pub uses: Option<u32>,
    /// The nodes that it may use; none means every node. Not with scope `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<Grant>>,
}

/// A new key. The only answer that ever holds the key itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreatedKey {
    /// `msw_…`; only its hash is kept.
    pub key: String,
    /// What is kept.
    #[serde(flatten)]
    pub view: KeyView,
}

/// A key as it is listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeyView {
    /// `key_…`.
    pub id: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// What it is for.
    pub label: Option<String>,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// Seconds since 1970 UTC.
    pub expires_at: Option<f64>,
    /// Uses that are left.
    pub uses_left: Option<u32>,
    /// The nodes that it may use; none means every node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<Grant>>,
    /// `active`, `expired`, `used_up` or `revoked`.
    pub status: String,
}
