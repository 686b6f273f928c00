//! `POST /jobs/:jobId/result`: how the job ended.

use super::job::Lease;
use crate::wire::v1::Failure;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Request. The same bytes are sent until a receipt comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResultRequest {
    /// The node.
    pub node_id: String,
    /// The job.
    pub job_id: String,
    /// The caller's request.
    #[serde(default)]
    pub request_id: String,
    /// The job's operation, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// `success` or `failed`.
    pub status: String,
    /// True when `/start` was never acknowledged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_start_failure: Option<bool>,
    /// What failed, for protocol 1 gateways.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ResultError>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// *(2)* The attempt that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// *(2)* How it ended, one of the terminal job states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<crate::wire::gateway::JobState>,
    /// *(2)* A code for why, e.g. `exited`, `node_restarted`, `cancel_requested`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// *(2)* The operation's own answer, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// *(2)* The answer's body, sent before as [`PieceResponse`](super::PieceResponse)'s module says, or inline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_body: Option<AnswerBody>,
    /// *(2)* What failed, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Everything else that protocol 1 has: `openai_response`, `stream_events`, `progress_events`, `usage`.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A failure as protocol 1 has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultError {
    /// A code of the specification.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// How long a job took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Timing {
    /// Execution on the node, milliseconds.
    pub local_latency_ms: u64,
}

/// *(2)* The body of an answer, e.g. a snapshot. One that was streamed to its caller has neither `sha256` nor `base64`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerBody {
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Its media type.
    pub content_type: String,
    /// The bytes in base64, when they are few and a caller waits for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
}

/// Response.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ResultResponse {
    /// True.
    #[serde(default)]
    pub accepted: bool,
    /// *(2)* The gateway has it, durably: the node may forget it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// *(2)* What the gateway did with a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The job.
    pub job_id: String,
    /// The attempt.
    pub epoch: u64,
    /// What was done.
    pub disposition: Disposition,
}

/// What became of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It ended the job.
    Recorded,
    /// It was there already.
    Duplicate,
    /// The job had ended otherwise, or another attempt is newer: kept beside the job, not in its place.
    Superseded,
    /// The gateway does not know the job (any more): nobody will ask for it.
    Unknown,
}
