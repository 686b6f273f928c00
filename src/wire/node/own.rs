//! *(2)* `GET /self`: what the gateway thinks of the node whose token asks, and `GET /bootstrap`: whether a key could join
//! one. Neither changes anything. A gateway of another make answers 404 or 405.

use crate::wire::gateway::{NodeState, Scope};
use serde::{Deserialize, Serialize};

/// Response of `GET /self`. 401: the token is not good; 410: the node was removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnNode {
    /// Who the node is.
    pub node_id: String,
    /// Its name in force.
    pub name: String,
    /// The node in one word, as callers see it.
    pub status: NodeState,
    /// Whether an operator wants it to take no new jobs.
    pub drain: bool,
    /// Whether it said itself that it takes none.
    #[serde(default)]
    pub draining: bool,
    /// Which run of its program is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Milliseconds since it was last heard from; none when it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_ms: Option<u64>,
    /// Seconds between heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval_seconds: Option<u64>,
}

/// Response of `GET /bootstrap` with a key in `x-api-key`, also for a key that is not good: a 401 could as well come from a
/// gateway of another make that wants a token for every call. No use of the key is spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAnswer {
    /// Whether the key could join a node.
    pub ok: bool,
    /// `enroll`: what it needs.
    pub scope: Scope,
    /// Uses that are left; none when they are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// Why it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
