//! What the tokens say with which callers reach a node directly, beside the signature ([`crate::base::sign_token`]).
//!
//! Four kinds, told apart by `scope`. A claim that a kind does not have is left out. Claims of other writers are ignored.

use serde::{Deserialize, Serialize};

/// The scope of a token that starts one model or media job: `POST …/jobs`.
pub const SCOPE_INVOKE: &str = "self_hosted.invoke";
/// The scope of a token for one generic job: to start it, to look at it, to end it.
pub const SCOPE_GENERIC_INVOKE: &str = "self_hosted.generic_job.invoke";
/// The scope of a token that reads what the node can do.
pub const SCOPE_CAPABILITIES: &str = "self_hosted.capabilities.read";
/// The scope of a token that reads all generic jobs.
pub const SCOPE_OPS: &str = "self_hosted.generic_job.ops.read";

/// The claims of all four kinds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InvocationClaims {
    /// What the token is for, one of the four scopes.
    #[serde(default)]
    pub scope: String,
    /// The node it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The last second at which it is good, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<f64>,
    /// Until when the work makes sense, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<String>,
    /// When it was signed, seconds since 1970. Not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<f64>,
    /// The job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The caller's request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The model (model and media jobs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The operation (model and media jobs); none is `chat.completions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The version of the job's form (generic jobs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    /// The job's type (generic jobs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_type: Option<String>,
    /// Runners that may be used; none are all (generic jobs).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_runner_ids: Option<Vec<String>>,
    /// *(ours)* SHA-256 of the request's body in hex: then the token starts that body's work and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<String>,
}
