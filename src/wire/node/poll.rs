//! `POST /jobs/poll`: the node asks for work.

use super::job::Job;
use serde::{Deserialize, Serialize};

/// Request, in protocol 1's field order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PollRequest {
    /// The node.
    pub node_id: String,
    /// What the node could take.
    #[serde(default)]
    pub capacity: PollCapacity,
    /// How long the gateway may hold the request, milliseconds.
    #[serde(default)]
    pub wait_ms: u64,
    /// *(2)* Set by nodes that understand several jobs per answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime_protocol_version: Option<u32>,
    /// *(2)* Which run of the program asks. Another than the newest gets 409 `instance_superseded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
}

/// What the node could take.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PollCapacity {
    /// Jobs that execute.
    #[serde(default)]
    pub active_jobs: u32,
    /// Jobs that wait on the node.
    #[serde(default)]
    pub queued_jobs: u32,
    /// All slots.
    #[serde(default)]
    pub max_jobs: u32,
    /// The same.
    #[serde(default)]
    pub max_concurrency: u32,
    /// At most so many jobs may come back.
    #[serde(default)]
    pub free_slots: u32,
    /// Whether the node takes none.
    #[serde(default)]
    pub drain_mode: bool,
    /// Agents that must not get another job now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_agent_slugs: Option<Vec<String>>,
    /// Only jobs of this priority or a lower number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_requested_priority: Option<i64>,
}

/// Response.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PollResponse {
    /// A job for a protocol 1 node; null for others.
    #[serde(default)]
    pub job: Option<Job>,
    /// An ephemeral credential for this job's document index, never to be logged, stored or sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached_mswarm_api_key: Option<String>,
    /// *(2)* Up to `free_slots` jobs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Job>,
    /// *(2)* Jobs to end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cancel: Vec<CancelJob>,
    /// *(2)* Whether the node shall take no new jobs.
    #[serde(default)]
    pub drain: bool,
}

/// *(2)* A job to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelJob {
    /// The job.
    pub job_id: String,
    /// The attempt that is meant.
    pub epoch: u64,
}
