//! `POST /bootstrap`: the owner's key buys the node its own token.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Request. Field order and names are those of protocol 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BootstrapRequest {
    /// `sha256:` and 64 hex digits; the same machine always sends the same.
    pub machine_fingerprint: String,
    /// The node's name: lower case, digits and dashes, at most 80 characters.
    pub server_name: String,
    /// The same as `server_name`.
    pub label: String,
    /// `outbound` or `direct`.
    pub relay_mode: String,
    /// Where callers reach the node in direct mode.
    pub direct_base_url: Option<String>,
    /// The version of this program.
    pub node_version: String,
    /// `mcoda` or `ollama`.
    pub discovery_mode: String,
    /// Whether every discovered agent is offered.
    pub expose_all_models: bool,
    /// Agents that are offered when not all are.
    pub model_allowlist: Vec<String>,
    /// Agents that are never offered.
    pub model_blocklist: Vec<String>,
    /// Callers other than the owner who may use the node.
    pub client_allowlist: Vec<ClientId>,
    /// Wanted seconds between heartbeats; the gateway may answer with another.
    pub heartbeat_interval_seconds: u64,
    /// Slots.
    pub max_concurrent_jobs: u32,
    /// Slots for model jobs.
    pub max_concurrent_llm_jobs: u32,
    /// Whether the node starts drained.
    pub drain_mode: bool,
    /// Whether heartbeats report load.
    pub load_reporting_enabled: bool,
    /// Whether heartbeats report hardware pressure.
    pub hardware_telemetry_enabled: bool,
    /// Slots for generic jobs.
    pub generic_job_max_concurrency: u32,
    /// *(2)* The highest protocol the node speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_protocol_version: Option<u32>,
    /// *(2)* Labels by which jobs may choose the node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// *(2)* In direct mode `sha256:` and the hex SHA-256 of the certificate in DER form, when no authority vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_fingerprint: Option<String>,
}

/// A caller by address, id or domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientId {
    /// `ip`, `uuid` or `domain`.
    pub kind: String,
    /// The value in its normal form.
    pub value: String,
}

/// Response. Everything but `node.node_id` and `runtime_token` may be missing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BootstrapResponse {
    /// False when the machine was known.
    #[serde(default)]
    pub created: bool,
    /// True once the node may work.
    #[serde(default)]
    pub enrolled: bool,
    /// Who the node is.
    pub node: NodeIdentity,
    /// The node's own credential. An earlier one stops working.
    pub runtime_token: String,
    /// Seconds between heartbeats; wins over the request's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval_seconds: Option<u64>,
    /// Seconds without a heartbeat after which the node counts as unreachable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_seconds: Option<u64>,
    /// The gateway's version of the node's configuration, echoed in heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_version: Option<i64>,
    /// Where the gateway wants its calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<RelayPaths>,
    /// *(2)* The highest protocol the gateway speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_protocol_version: Option<u32>,
    /// *(2)* With what the gateway will sign the tokens of its direct calls. An earlier one stops working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation_signing_secret: Option<String>,
}

/// The node as the gateway knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeIdentity {
    /// `shn_…`, at least from our gateway.
    pub node_id: String,
    /// The name in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The mode in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay_mode: Option<String>,
}

/// Where lifecycle calls go: paths or absolute URLs; `:jobId`, `:job_id`, `{jobId}` and `{job_id}` stand for the id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayPaths {
    /// `outbound` or `direct`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The base that replaces the configured gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_base_url: Option<String>,
    /// Replaces `/jobs/poll`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_poll_path: Option<String>,
    /// Replaces `/jobs/:jobId/start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_start_path_template: Option<String>,
    /// Replaces `/jobs/:jobId/events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_events_path_template: Option<String>,
    /// Replaces `/jobs/:jobId/result`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_result_path_template: Option<String>,
}
