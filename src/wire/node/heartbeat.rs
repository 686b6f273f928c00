//! `POST /heartbeat`: the node is there, and how it is.

use super::bootstrap::ClientId;
use super::poll::CancelJob;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Request, in protocol 1's field order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HeartbeatRequest {
    /// The node.
    pub node_id: String,
    /// The version of its program.
    #[serde(default)]
    pub node_version: String,
    /// The highest protocol the node speaks.
    #[serde(default = "protocol_1")]
    pub runtime_protocol_version: u32,
    /// As given at bootstrap.
    #[serde(default)]
    pub config_version: Option<i64>,
    /// `online` or `degraded`.
    #[serde(default)]
    pub status: String,
    /// How the node runs.
    #[serde(default)]
    pub runtime: RuntimeReport,
    /// How looking for agents went.
    #[serde(default)]
    pub discovery: DiscoveryStatus,
    /// How the model server is.
    #[serde(default)]
    pub ollama: OllamaStatus,
    /// Slots; only the two counters when load reporting is off.
    #[serde(default)]
    pub capacity: Capacity,
    /// Recent successes and failures.
    #[serde(default)]
    pub health: HealthReport,
    /// A summary of `models`.
    #[serde(default)]
    pub local_agent_catalog: CatalogSummary,
    /// Callers other than the owner.
    #[serde(default)]
    pub client_allowlist: Vec<ClientId>,
    /// The whole inventory of agents.
    #[serde(default)]
    pub models: Vec<Value>,
    /// The signed capability payload, kept as text so that the signature can be checked over the same bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Box<serde_json::value::RawValue>>,
    /// Coarse load of the machine, when its owner allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware_pressure: Option<Value>,
    /// *(2)* Which run of the program this is: a random id made at every start. The newest instance of a node wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// *(2)* True on an instance's first heartbeat: it takes over from any other instance.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub starting: bool,
    /// *(2)* Labels by which jobs may choose the node.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// *(2)* The node's own view of its health, one condition per part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<NodeCondition>,
    /// *(2)* Where callers reach the node in direct mode; none while it does not listen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_base_url: Option<String>,
    /// *(2)* As at bootstrap, of the certificate that is shown now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_fingerprint: Option<String>,
}

fn protocol_1() -> u32 {
    1
}

/// How the node runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RuntimeReport {
    /// As `runtime_protocol_version`.
    #[serde(default)]
    pub protocol_version: u32,
    /// `outbound` or `direct`.
    #[serde(default)]
    pub relay_mode: String,
    /// Whether `capacity` is complete.
    #[serde(default)]
    pub load_reporting_enabled: bool,
    /// Whether `hardware_pressure` is sent.
    #[serde(default)]
    pub hardware_telemetry_enabled: bool,
    /// Whether the node takes no new jobs.
    #[serde(default)]
    pub drain_mode: bool,
    /// Why the node is degraded, when it is for a reason of the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
}

/// A degradation for a reason of the protocol.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lifecycle {
    /// `degraded`.
    pub status: String,
    /// A code, e.g. `self_hosted_protocol_mismatch`.
    pub reason: String,
    /// What happened.
    pub message: String,
    /// ISO 8601 UTC with milliseconds, as protocol 1 has it.
    pub updated_at: String,
}

/// How looking for agents went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DiscoveryStatus {
    /// `mcoda` or `ollama`.
    #[serde(default)]
    pub source: String,
    /// `ok`, `error` or null.
    #[serde(default)]
    pub mcoda_status: Option<String>,
}

/// How the model server is; nulls in `mcoda` mode.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OllamaStatus {
    /// `ok`, `error` or null.
    #[serde(default)]
    pub status: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
}

/// Slots and load. Without load reporting only `active_jobs` and `queued_jobs` are sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<u32>,
    /// As in the heartbeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_protocol_version: Option<u32>,
    /// 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer_protocol_version: Option<u32>,
    /// 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog_metadata_version: Option<u32>,
    /// `sha256:…` of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog_fingerprint: Option<String>,
    /// All slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// Slots for model jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent_llm_jobs: Option<u32>,
    /// Slots for generic jobs; 0 when those are off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent_generic_jobs: Option<u32>,
    /// Jobs that execute.
    #[serde(default)]
    pub active_jobs: u32,
    /// Jobs that wait on the node.
    #[serde(default)]
    pub queued_jobs: u32,
    /// Slots that a poll could fill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_slots: Option<u32>,
    /// Whether the node takes no new jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain_mode: Option<bool>,
    /// The same by class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_class_capacity: Option<ExecutionClasses>,
    /// Anything else a node reports, e.g. `avg_latency_ms`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Capacity by class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExecutionClasses {
    /// Plain model calls.
    pub chat: ClassCapacity,
    /// Agent jobs; the same pool as chat.
    pub agentic: ClassCapacity,
    /// Generic jobs.
    pub generic_job: ClassCapacity,
}

/// Slots of one class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClassCapacity {
    /// `llm` or `generic`.
    pub pool: String,
    /// Slots of the pool.
    pub max_concurrency: u32,
    /// Jobs of this class that execute.
    pub active_jobs: u32,
    /// Jobs that wait.
    pub queued_jobs: u32,
    /// Free slots of the pool.
    pub free_slots: u32,
}

/// Recent successes and failures. Failures older than an hour are not reported, so that none degrades a node for ever.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HealthReport {
    /// Mean of the last 50 jobs, milliseconds.
    #[serde(default)]
    pub avg_latency_ms: u64,
    /// How many `recent_failures` there are.
    #[serde(default)]
    pub recent_failure_count: u32,
    /// At most 10, newest first.
    #[serde(default)]
    pub recent_failures: Vec<RecentFailure>,
    /// ISO 8601 UTC.
    #[serde(default)]
    pub last_success_at: Option<String>,
    /// As in [`Lifecycle`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_status: Option<String>,
    /// As in [`Lifecycle`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_reason: Option<String>,
    /// As in [`Lifecycle`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle_message: Option<String>,
}

/// A failure by its code, never its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecentFailure {
    /// `chat`, `agentic`, `generic_job` or *(2)* `operation`.
    pub execution_class: String,
    /// The error code.
    pub code: String,
    /// ISO 8601 UTC.
    pub at: String,
}

/// A summary of the inventory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CatalogSummary {
    /// The catalogue fingerprint.
    #[serde(default)]
    pub revision: String,
    /// 1.
    #[serde(default)]
    pub metadata_version: u32,
    /// All agents.
    #[serde(default)]
    pub model_count: u32,
    /// Offered agents.
    #[serde(default)]
    pub exposed_model_count: u32,
}

/// *(2)* One part of the node's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCondition {
    /// Which part: `process`, `link`, `claims`, `outbox`, `disk`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// A code for the state, e.g. `fresh`, `backing_off`, `unauthorized`.
    pub reason: String,
    /// A sentence for people, with the way out when it is not ok.
    pub message: String,
    /// How long it has been so, milliseconds.
    pub for_ms: u64,
}

/// Response. A protocol 1 gateway sends any JSON object; everything here is *(2)* and may be missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct HeartbeatResponse {
    /// True.
    #[serde(default)]
    pub accepted: bool,
    /// The highest protocol the gateway speaks; none means 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_protocol_version: Option<u32>,
    /// Seconds until the next heartbeat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval_seconds: Option<u64>,
    /// Jobs to end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancel: Vec<CancelJob>,
    /// Whether the node shall take no new jobs.
    #[serde(default)]
    pub drain: bool,
    /// Settings the gateway asks for. They can narrow what the owner allows, never widen it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// A new token to use from now on. The old one works until the new one was used once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_token: Option<String>,
}
