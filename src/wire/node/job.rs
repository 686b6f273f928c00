//! The job as a poll hands it out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A job. Protocol 1 jobs have `openai_request` and their siblings in `rest`; protocol 2 jobs have `params` and `lease`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The gateway's id for it.
    pub job_id: String,
    /// The caller's request, for correlation.
    #[serde(default)]
    pub request_id: String,
    /// The node it is for; a node refuses another's.
    #[serde(default)]
    pub node_id: String,
    /// The operation's name, e.g. `workspaces.execute`. Protocol 1 jobs may leave it out: `chat.completions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// *(2)* The operation's parameters, see [`OperationRequest`](crate::wire::v1::OperationRequest).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Map<String, Value>>,
    /// *(2)* The request's body, beside the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRef>,
    /// *(2)* The right to run it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// *(2)* How long it may run, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// *(2)* How long the gateway waits for its result from now on, milliseconds; after that nobody wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<u64>,
    /// *(2)* False when a caller waits at the gateway and will ask again if it fails: no journal, no `/start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durable: Option<bool>,
    /// *(2)* A caller takes the answer's body while it is made: see [`AnswerHead`](super::AnswerHead).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream_answer: bool,
    /// Everything else, as protocol 1 has it.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// *(2)* The right to run a job, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The lease's id.
    pub id: String,
    /// Which attempt it is, from 1. Every later call names it; a stale one gets 409.
    pub epoch: u64,
    /// How long it lasts without renewal, milliseconds. The first period ends at `/start` or the first renewal.
    pub ttl_ms: u64,
}

/// *(2)* A body beside the job: small ones inline, others to be fetched with `GET …/jobs/{id}/body`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRef {
    /// Length in bytes; 0 for one that still comes and did not announce it.
    pub size: u64,
    /// SHA-256 in hex; empty for one that still comes.
    pub sha256: String,
    /// The bytes in base64, when they are few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Whether the caller is still sending it: it can only be had in pieces, once, by the first attempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stream: bool,
}
