//! *(2)* `POST /jobs/release`: the node gives back jobs that it has not begun.

use super::renew::LeaseClaim;
use serde::{Deserialize, Serialize};

/// Request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReleaseRequest {
    /// The node.
    pub node_id: String,
    /// Which run of the program asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// What it gives back. Those jobs are queued again at once, and the attempt does not count.
    #[serde(default)]
    pub leases: Vec<LeaseClaim>,
    /// This run of the program takes no job any more: its held poll is answered at once, its later polls with nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaving: bool,
}

/// Response.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReleaseResponse {
    /// True. A lease that was stale is nobody's loss.
    #[serde(default)]
    pub accepted: bool,
}
