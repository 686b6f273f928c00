//! The part of `config.json` that says what a node takes from callers who reach it directly, without a gateway between.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Settings. Everything may be missing; readers choose the default. The first four keys are those of existing mswarm nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvocationConfig {
    /// Whether the node takes generic jobs. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generic_jobs_enabled: Option<bool>,
    /// The longest that a generic job may run, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generic_job_timeout_ms: Option<u64>,
    /// Generic jobs at the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generic_job_max_concurrency: Option<u32>,
    /// The directory of files that go into generic jobs and come out of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_store_path: Option<PathBuf>,
    /// The longest that a model job may run, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_timeout_ms: Option<u64>,
    /// The longest body of a job that comes directly, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_max_body_bytes: Option<usize>,
    /// The longest file that is uploaded for a generic job, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_max_upload_bytes: Option<u64>,
    /// Bytes of all files of generic jobs together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_max_store_bytes: Option<u64>,
}

impl InvocationConfig {
    /// These settings, and those of `other` where these say nothing.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            generic_jobs_enabled: self.generic_jobs_enabled.or(other.generic_jobs_enabled),
            generic_job_timeout_ms: self.generic_job_timeout_ms.or(other.generic_job_timeout_ms),
            generic_job_max_concurrency: self.generic_job_max_concurrency.or(other.generic_job_max_concurrency),
            artifact_store_path: self.artifact_store_path.or(other.artifact_store_path),
            job_timeout_ms: self.job_timeout_ms.or(other.job_timeout_ms),
            direct_max_body_bytes: self.direct_max_body_bytes.or(other.direct_max_body_bytes),
            artifact_max_upload_bytes: self.artifact_max_upload_bytes.or(other.artifact_max_upload_bytes),
            artifact_max_store_bytes: self.artifact_max_store_bytes.or(other.artifact_max_store_bytes),
        }
    }
}
