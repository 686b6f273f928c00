//! One run of a job, from its inputs to its result.

use super::artifacts::ArtifactStore;
use super::clock;
use super::feed::Feed;
use super::job::GenericJob;
use super::refusal::{ArtifactError, ArtifactProblem};
use super::runner::{Ran, Runner};
use crate::base::unix_ms;
use crate::wire::node::generic::{Artifact, GenericError, GenericEventType, GenericResult, GenericStatus};
use serde_json::Map;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two signs that a job still runs.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// What a run needs.
pub(super) struct Run {
    pub(super) job_id: String,
    pub(super) job: Arc<GenericJob>,
    pub(super) feed: Arc<Feed>,
    pub(super) store: Arc<ArtifactStore>,
    pub(super) runners: Arc<[Box<dyn Runner>]>,
    pub(super) timeout: Duration,
    pub(super) cancel: CancellationToken,
}

/// How a run ended badly.
struct Bad {
    code: &'static str,
    message: String,
    exit_code: Option<i32>,
}

impl Run {
    /// Runs the job. Whatever happens, there is a result, and its last event holds it.
    pub(super) async fn run(self) -> GenericResult {
        let started = clock::iso(unix_ms());
        self.feed.begin(&self.job.limits);
        let timeout = self.job.limits.timeout.map_or(self.timeout, |asked| asked.min(self.timeout));
        let ended = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Bad::new("cancelled", "the job was cancelled")),
            ended = tokio::time::timeout(timeout, self.steps()) => ended.unwrap_or_else(|_| {
                Err(Bad::new("timeout", format!("the job took longer than {} s", timeout.as_secs_f64())))
            }),
        };
        let result = self.result(ended, started);
        let kind = match result.status {
            GenericStatus::Succeeded => GenericEventType::Completed,
            GenericStatus::Failed => GenericEventType::Failed,
            GenericStatus::Cancelled => GenericEventType::Cancelled,
        };
        let message = result.error.as_ref().map(|error| error.message.clone());
        self.feed.event(kind, message.as_deref(), serde_json::to_value(&result).ok());
        result
    }

    async fn steps(&self) -> Result<(Ran, Vec<Artifact>), Bad> {
        let runner = find(&self.runners, &self.job)?;
        self.feed.event(GenericEventType::Started, None, Some(serde_json::json!({ "runner": runner.id() })));
        let (store, job, id) = (self.store.clone(), self.job.clone(), self.job_id.clone());
        let files = blocking(move || store.begin(&id, &job)).await?;
        let files = Arc::new(files);
        let mut beats = tokio::time::interval(HEARTBEAT);
        beats.tick().await;
        let mut running = runner.run(&self.job, files.clone(), &self.feed);
        let ran = loop {
            tokio::select! {
                ran = &mut running => break ran,
                _ = beats.tick() => self.feed.event(GenericEventType::Heartbeat, None, None),
            }
        };
        let ran = ran.map_err(|bad| Bad { code: bad.code, message: bad.message, exit_code: bad.exit_code })?;
        let (store, job, id) = (self.store.clone(), self.job.clone(), self.job_id.clone());
        let artifacts = blocking(move || store.collect(&id, &job, &files)).await?;
        for artifact in &artifacts {
            self.feed.event(GenericEventType::Artifact, Some(&artifact.name), serde_json::to_value(artifact).ok());
        }
        Ok((ran, artifacts))
    }

    fn result(&self, ended: Result<(Ran, Vec<Artifact>), Bad>, started: String) -> GenericResult {
        let mut result = GenericResult {
            job_id: self.job_id.clone(),
            status: GenericStatus::Succeeded,
            exit_code: None,
            started_at: Some(started),
            finished_at: Some(clock::iso(unix_ms())),
            artifacts: Vec::new(),
            metrics: Map::new(),
            error: None,
        };
        match ended {
            Ok((ran, artifacts)) => {
                result.exit_code = Some(ran.exit_code);
                result.metrics = ran.metrics;
                result.artifacts = artifacts;
            }
            Err(bad) => {
                let cancelled = bad.code == "cancelled";
                result.status = if cancelled { GenericStatus::Cancelled } else { GenericStatus::Failed };
                result.exit_code = bad.exit_code;
                let retryable = bad.code == "timeout";
                result.error = Some(GenericError { code: bad.code.to_owned(), message: bad.message, retryable });
            }
        }
        result
    }
}

/// The runner for a job.
fn find<'a>(runners: &'a [Box<dyn Runner>], job: &GenericJob) -> Result<&'a dyn Runner, Bad> {
    let wanted = job.kind.runner;
    if let Some(hint) = job.runner_hint.as_ref().filter(|hint| *hint != wanted) {
        return Err(Bad::new(
            "runner_unavailable",
            format!("jobs of type {} have no runner {hint}", job.kind.job_type),
        ));
    }
    let runner = runners.iter().find(|runner| runner.id() == wanted);
    let runner = runner.ok_or_else(|| Bad::new("runner_unavailable", format!("this node has no runner {wanted}")))?;
    if job.gpus > 0 {
        // No runner that is here uses one, and none was looked for.
        return Err(Bad::new("no_capable_node", format!("this node offers no GPU, the job needs {}", job.gpus)));
    }
    Ok(runner.as_ref())
}

/// Why the node cannot run a job, if so: code and sentence.
pub(super) fn cannot(runners: &[Box<dyn Runner>], job: &GenericJob) -> Option<(&'static str, String)> {
    find(runners, job).err().map(|bad| (bad.code, bad.message))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Result<T, Bad> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => {
            let code = match error.problem {
                ArtifactProblem::UnsafePath | ArtifactProblem::TooLarge => "policy_denied",
                ArtifactProblem::Storage | ArtifactProblem::Full => "runner_error",
                _ => "runner_failed",
            };
            Err(Bad::new(code, error.message))
        }
        Err(_) => Err(Bad::new("runner_error", "the node could not read or write the job's files")),
    }
}

impl Bad {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), exit_code: None }
    }
}
