//! How much the job may use.

use super::issues::Issues;
use crate::jobs::generic::job::JobLimits;
use serde_json::Value;
use std::time::Duration;

const FIELDS: &[&str] = &["timeout_sec", "max_stdout_bytes", "max_stderr_bytes", "max_output_bytes"];

/// The limits, those of the node where the job has none.
pub(super) fn check(issues: &mut Issues, value: Option<&Value>) -> JobLimits {
    let mut found = JobLimits::default();
    let Some(limits) = issues.object("invalid_limits", "limits", value) else { return found };
    issues.unknown("limits", limits, FIELDS);
    let mut number = |key| issues.positive("invalid_limits", "limits", limits, key);
    found.timeout = number("timeout_sec").map(Duration::from_secs);
    let stream = |asked: Option<u64>| asked.unwrap_or(JobLimits::STREAM_BYTES).min(JobLimits::MAX_STREAM_BYTES);
    found.stdout_bytes = stream(number("max_stdout_bytes"));
    found.stderr_bytes = stream(number("max_stderr_bytes"));
    found.output_bytes = number("max_output_bytes").unwrap_or(JobLimits::OUTPUT_BYTES);
    found
}
