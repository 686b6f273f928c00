//! A generic job that was found good, as its run needs it.

use super::catalogue::Kind;
use serde_json::{Map, Value};
use std::time::Duration;

/// A job.
#[derive(Debug, Clone)]
pub(super) struct GenericJob {
    pub(super) kind: &'static Kind,
    pub(super) runner_hint: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) tenant_id: String,
    pub(super) args: Map<String, Value>,
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<Output>,
    pub(super) gpus: u64,
    pub(super) limits: JobLimits,
    pub(super) priority: i64,
    /// After that nobody wants it, milliseconds since 1970.
    pub(super) deadline_ms: Option<i64>,
    pub(super) max_retries: u32,
}

/// A file that goes in.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) uri: String,
    pub(super) mount_path: String,
    pub(super) sha256: Option<String>,
    pub(super) required: bool,
}

/// A file that comes out.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) content_type: Option<String>,
    pub(super) required: bool,
}

/// How much a run may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobLimits {
    pub(super) timeout: Option<Duration>,
    pub(super) stdout_bytes: u64,
    pub(super) stderr_bytes: u64,
    /// Of all outputs together.
    pub(super) output_bytes: u64,
    /// Of one output.
    pub(super) artifact_bytes: u64,
}

impl JobLimits {
    /// What is kept of each output stream when the job does not say.
    pub(super) const STREAM_BYTES: u64 = 1 << 20;
    /// What is kept of each output stream whatever the job says.
    pub(super) const MAX_STREAM_BYTES: u64 = 16 << 20;
    /// Outputs, each and together, when the job does not say.
    pub(super) const OUTPUT_BYTES: u64 = 512 << 20;
}

impl Default for JobLimits {
    fn default() -> Self {
        Self {
            timeout: None,
            stdout_bytes: Self::STREAM_BYTES,
            stderr_bytes: Self::STREAM_BYTES,
            output_bytes: Self::OUTPUT_BYTES,
            artifact_bytes: Self::OUTPUT_BYTES,
        }
    }
}
