//! *(2)* `POST /jobs/renew`: the node still works on these.

use serde::{Deserialize, Serialize};

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewRequest {
    /// The node.
    pub node_id: String,
    /// Which run of the program asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// The leases it holds.
    pub leases: Vec<LeaseClaim>,
}

/// A lease that the node thinks it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseClaim {
    /// The job.
    pub job_id: String,
    /// The attempt.
    pub epoch: u64,
}

/// Response, one status per lease asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RenewResponse {
    /// In the order of the request.
    pub leases: Vec<LeaseStatus>,
}

/// What became of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseStatus {
    /// The job.
    pub job_id: String,
    /// The attempt that was asked about.
    pub epoch: u64,
    /// What holds now.
    pub state: LeaseState,
    /// How long it lasts from now, milliseconds; 0 unless held.
    pub ttl_ms: u64,
}

/// What holds for a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    /// Go on.
    Held,
    /// Held, and the caller wants the job ended.
    Cancel,
    /// The job has ended or another attempt runs: stop, and send what there is; it will be kept as superseded.
    Stale,
}
