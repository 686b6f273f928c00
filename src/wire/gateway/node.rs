//! Nodes: `GET /v1/nodes`, `GET /v1/nodes/{id or name}` with scope `call` or `admin`; `DELETE /v1/nodes/{id}`,
//! `PATCH /v1/nodes/{id}`, `POST /v1/nodes/{id}/drain`, `/resume`, `/rotate` and `/restore` with scope `admin`.

use crate::wire::node::{ClientId, NodeCondition};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A node in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Every condition holds.
    Online,
    /// It is there, but a condition does not hold.
    Degraded,
    /// It finishes what it has and takes nothing new.
    Draining,
    /// Not heard from for longer than the heartbeat timeout.
    Unreachable,
    /// Removed by an operator or uninstalled; it gets 410.
    Removed,
}

/// A node as callers see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeView {
    /// `shn_…`.
    pub id: String,
    /// Its name, unique at this gateway.
    pub name: String,
    /// Labels by which jobs may choose it.
    pub labels: BTreeMap<String, String>,
    /// In one word.
    pub state: NodeState,
    /// The gateway's conditions (`heartbeat`, `poll`) and the node's own.
    pub conditions: Vec<NodeCondition>,
    /// The version of its program.
    pub version: String,
    /// The protocol in use.
    pub protocol: u32,
    /// All slots.
    pub slots: u32,
    /// Jobs that are leased to it or run on it, as the gateway counts.
    pub active_jobs: u32,
    /// Milliseconds since it was last heard from.
    pub last_seen_ms: Option<u64>,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// The agents that it offers, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<String>,
    /// Clients that may use it beside its owner, as it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_allowlist: Vec<ClientId>,
    /// What it can do, as it has signed it and as everybody may know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Value>,
    /// Where the gateway reaches it directly; none when only the relay leads there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectView>,
}

/// Where a gateway reaches a node directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectView {
    /// The address.
    pub url: String,
    /// The fingerprint of its certificate, when no authority vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Why it is not used at the moment; none when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// For how long it is left alone, milliseconds; 0 when it is used.
    #[serde(default)]
    pub retry_in_ms: u64,
}

/// Request of `PATCH /v1/nodes/{id}`. What is not named stays as it is. Answer: the [`NodeView`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditNode {
    /// A new name: 1 to 80 letters, digits, dashes, underscores and dots. It stays when the node is set up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Labels of the operator. They win over those that the node reports; null takes one of the operator's back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Option<String>>,
}

/// Response of `GET /v1/nodes`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeList {
    /// All nodes that are not removed (`?removed=true`: those too).
    pub items: Vec<NodeView>,
}
