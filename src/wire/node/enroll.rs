//! `POST /enroll`: a node that an operator made trades its enrolment token for its own token. Gateways of today have
//! bootstrap and registration instead.

use super::bootstrap::RelayPaths;
use serde::{Deserialize, Serialize};

/// Request. No other credential.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// The node.
    pub node_id: String,
    /// `mse_…`, good once.
    pub enrollment_token: String,
}

/// Response. Everything but `runtime_token` may be missing.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnrollResponse {
    /// The node's own credential.
    pub runtime_token: String,
    /// Seconds between heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval_seconds: Option<u64>,
    /// Seconds without a heartbeat after which the node counts as unreachable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_seconds: Option<u64>,
    /// As in bootstrap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_version: Option<i64>,
    /// As in bootstrap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<RelayPaths>,
}
