//! What runs a job of one kind.

use super::artifacts::RunFiles;
use super::feed::Feed;
use super::job::GenericJob;
use async_trait::async_trait;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Runs jobs. Dropping the future ends what runs.
#[async_trait]
pub(super) trait Runner: Send + Sync {
    /// Its name in the protocol.
    fn id(&self) -> &'static str;

    /// Runs a job to its end.
    ///
    /// # Errors
    /// When it ended badly.
    async fn run(&self, job: &GenericJob, files: Arc<RunFiles>, feed: &Feed) -> Result<Ran, RunnerFailure>;
}

/// A job that ended well.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub(super) exit_code: i32,
    pub(super) metrics: Map<String, Value>,
}

/// A job that ended badly.
#[derive(Debug)]
pub(super) struct RunnerFailure {
    /// `runner_failed` when its program said so, `runner_error` when it could not be asked.
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) exit_code: Option<i32>,
}
