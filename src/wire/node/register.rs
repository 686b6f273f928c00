//! `POST /register` and `POST /register/claim`: a node joins by its owner's handle, and the owner approves it.

use super::bootstrap::ClientId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Request of `/register`. No credential; field order and names are those of protocol 1.
#[derive(Clone, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// Whose node it wants to be.
    pub handle: String,
    /// The node's name.
    pub server_name: String,
    /// As in bootstrap.
    pub machine_fingerprint: String,
    /// 64 hex digits, fresh for every attempt: whoever has them may claim the node.
    pub registration_secret: String,
    /// `outbound` or `direct`.
    #[serde(default)]
    pub relay_mode: String,
    /// The version of the node's program.
    #[serde(default)]
    pub node_version: String,
    /// The same as `server_name`.
    #[serde(default)]
    pub hostname: String,
    /// Callers other than the owner who may use the node.
    #[serde(default)]
    pub client_allowlist: Vec<ClientId>,
}

/// Response of `/register`. Everything but `node_id` may be missing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RegisterResponse {
    /// False when the machine was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<bool>,
    /// Who the node will be.
    pub node_id: String,
    /// `pending`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the owner recognises it by.
    #[serde(default)]
    pub approval_code: Option<String>,
    /// The handle as the gateway has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// A sentence for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Request of `/register/claim`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// As `/register` answered.
    pub node_id: String,
    /// As sent with `/register`.
    pub registration_secret: String,
}

/// Response of `/register/claim`.
#[derive(Clone, Serialize, Deserialize)]
pub struct ClaimResponse {
    /// `approved`, `rejected`; anything else is pending.
    #[serde(default)]
    pub status: String,
    /// When approved: the fields of [`BootstrapResponse`](super::BootstrapResponse).
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
