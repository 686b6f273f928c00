//! `POST /jobs/:jobId/events`: output while the job runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Request. Protocol 1 sends `stream_events`, protocol 2 `events`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EventsRequest {
    /// The node.
    pub node_id: String,
    /// Chat chunks in OpenAI's form (protocol 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_events: Option<Vec<Value>>,
    /// *(2)* The attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// *(2)* Numbered events without gaps; sending one again is harmless.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// *(2)* A piece of output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// From 0 within an attempt, without gaps.
    pub seq: u64,
    /// What it is.
    pub kind: EventKind,
    /// Where `data` begins in its stream, bytes.
    pub offset: u64,
    /// The bytes in base64.
    pub data: String,
}

/// What an event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Bytes of standard output.
    Stdout,
    /// Bytes of standard error.
    Stderr,
    /// A JSON object: progress of a long operation or an agent's step.
    Progress,
}

/// Response.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct EventsResponse {
    /// True.
    #[serde(default)]
    pub accepted: bool,
    /// *(2)* The first sequence number that the gateway does not have yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_seq: Option<u64>,
    /// *(2)* The caller wants the job ended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancel: bool,
}
