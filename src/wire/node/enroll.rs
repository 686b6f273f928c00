//! What `POST /enroll` answers: a bootstrap's fields, of which existing gateways leave out who the node is, because it knows.

use super::bootstrap::{NodeIdentity, RelayPaths};
use serde::{Deserialize, Serialize};

/// Response of `/enroll`. Everything but `runtime_token` may be missing.
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
    /// With what the gateway signs the tokens of direct calls. Mswarm's gateways do not say it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocation_signing_secret: Option<String>,
    /// As in bootstrap: who the node is. Existing gateways leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeIdentity>,
}
