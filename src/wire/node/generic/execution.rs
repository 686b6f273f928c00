//! One run of a generic job: what is sent, and how it ended.

use super::artifact::Artifact;
use super::event::GenericEvent;
use crate::wire::node::Timing;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a caller sends. The job itself is checked field by field, so that all that is wrong is told at once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct GenericEnvelope {
    /// The caller's id for the job.
    #[serde(default)]
    pub job_id: String,
    /// The caller's request.
    #[serde(default)]
    pub request_id: String,
    /// The node it is for.
    #[serde(default)]
    pub node_id: String,
    /// The job.
    #[serde(default)]
    pub job: Value,
}

/// Something wrong with a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValidationIssue {
    /// A code such as `invalid_limits`.
    pub code: String,
    /// Where, such as `limits.timeout_sec`.
    pub path: String,
    /// A sentence.
    pub message: String,
    /// What stands there, when it is short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// How a run ended, whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenericExecution {
    /// The job.
    pub job_id: String,
    /// The caller's request.
    pub request_id: String,
    /// In a word.
    pub status: GenericStatus,
    /// In detail.
    pub result: GenericResult,
    /// What happened on the way.
    pub events: Vec<GenericEvent>,
    /// What was wrong with the job.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_issues: Vec<ValidationIssue>,
    /// How long it took.
    pub timing: Timing,
}

/// How a run ended, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenericStatus {
    /// Well.
    Succeeded,
    /// Badly.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericResult {
    /// The job.
    pub job_id: String,
    /// In a word.
    pub status: GenericStatus,
    /// What the runner's program ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// What came out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Artifact>,
    /// Numbers of the runner.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metrics: Map<String, Value>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<GenericError>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenericError {
    /// `timeout`, `runner_failed`, …
    pub code: String,
    /// A sentence, without paths of the host.
    pub message: String,
    /// Whether the same job may succeed at another time.
    pub retryable: bool,
}
