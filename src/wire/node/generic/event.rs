//! What happens to a generic job while it runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericEvent {
    /// The job.
    pub job_id: String,
    /// From 1, without gaps.
    pub sequence: u64,
    /// ISO 8601.
    pub timestamp: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: GenericEventType,
    /// A piece of output or a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenericEventType {
    /// It waits.
    Queued,
    /// It has a slot.
    Scheduled,
    /// Its runner begins.
    Started,
    /// It still runs.
    Heartbeat,
    /// Standard output, in `message`.
    Stdout,
    /// Standard error, in `message`.
    Stderr,
    /// More came than is kept; `data` says of what.
    LogTruncated,
    /// `data.percent`.
    Progress,
    /// A number, in `data`.
    Metric,
    /// A file came out, in `data`.
    Artifact,
    /// It ended well; `data` is the result.
    Completed,
    /// It ended badly; `data` is the result.
    Failed,
    /// It was ended; `data` is the result.
    Cancelled,
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The event's number.
    pub sequence: u64,
    /// ISO 8601.
    pub timestamp: String,
    /// `stdout`, `stderr`, or `node` for a remark of ours.
    pub stream: String,
    /// The text.
    pub message: String,
}
