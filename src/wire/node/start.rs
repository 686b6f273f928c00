//! `POST /jobs/:jobId/start` and `POST /uninstall`.

use serde::{Deserialize, Serialize};

/// Request: the node begins. Repeating it is harmless.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StartRequest {
    /// The node.
    pub node_id: String,
    /// The job's agent (protocol 1); empty for operations.
    #[serde(default)]
    pub agent_slug: String,
    /// The agent's local name (protocol 1).
    #[serde(default)]
    pub source_agent_slug: Option<String>,
    /// The model (protocol 1); empty for operations.
    #[serde(default)]
    pub model: String,
    /// *(2)* The attempt. A stale one gets 409 `lease_stale`: the job must not be run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// *(2)* Which run of the program asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

/// Response.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StartResponse {
    /// True.
    #[serde(default)]
    pub accepted: bool,
    /// `started`.
    #[serde(default)]
    pub status: String,
    /// *(2)* How long the lease lasts from now, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
}

/// Request of `/uninstall`: the node leaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UninstallRequest {
    /// The node.
    pub node_id: String,
    /// `node_uninstall`.
    pub reason: String,
    /// `mswarm_node_uninstall`.
    pub source: String,
    /// The version of its program.
    #[serde(default)]
    pub node_version: String,
    /// `systemd`, `launchd`, `windows-task-scheduler` or null.
    #[serde(default)]
    pub service_manager: Option<String>,
}
