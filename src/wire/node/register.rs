//! `POST /register` and `POST /register/claim`: joining by a handle, without a key; an operator approves. `POST /enroll`:
//! joining with a token that an operator made for one node (legacy).

use super::bootstrap::{BootstrapResponse, ClientId};
use serde::{Deserialize, Serialize};

/// Request of `/register`. It carries no credential.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// Who the node's owner says to be: free text that the operator reads before approving.
    pub handle: String,
    /// The node's wanted name.
    pub server_name: String,
    /// As in the bootstrap.
    pub machine_fingerprint: String,
    /// 64 hex digits, fresh for every attempt and never written down by the node; `/register/claim` proves it.
    pub registration_secret: String,
    /// `outbound` or `direct`.
    #[serde(default)]
    pub relay_mode: String,
    /// The version of its program.
    #[serde(default)]
    pub node_version: String,
    /// The same as `server_name`.
    #[serde(default)]
    pub hostname: String,
    /// Callers other than the owner who may use the node.
    #[serde(default)]
    pub client_allowlist: Vec<ClientId>,
}

/// Response of `/register`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegisterResponse {
    /// False when the machine is known.
    #[serde(default)]
    pub created: bool,
    /// The id that the node will have.
    pub node_id: String,
    /// `pending`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the operator types, e.g. `ABCD-1234`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_code: Option<String>,
    /// As given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle: Option<String>,
    /// What to do now, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Request of `/register/claim`, every five seconds until it is decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// From the [`RegisterResponse`].
    pub node_id: String,
    /// The secret of the registration.
    pub registration_secret: String,
}

/// Response of `/register/claim`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClaimResponse {
    /// `approved`, `rejected`, or anything else for "not yet".
    pub status: String,
    /// When approved, what a bootstrap answers.
    #[serde(flatten)]
    pub joined: Option<BootstrapResponse>,
}

/// Request of `/enroll`; answered like a bootstrap.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrollRequest {
    /// The node that the token was made for.
    pub node_id: String,
    /// `mse_…`.
    pub enrollment_token: String,
}
