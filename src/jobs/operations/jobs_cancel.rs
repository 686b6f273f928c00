//! `jobs.cancel`: asks for a job's end and waits a moment for it.

use super::{done, job_not_found};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CancelledJob, Failure, JobParams, JobStatus};
use serde_json::{Map, Value};
use std::time::Duration;

/// Scripts stop within a second; one that does not is left to stop later.
const MOMENT: Duration = Duration::from_secs(3);

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let JobParams { job_id } = params::parse(params)?;
    let canceled = match engine.jobs.running(&job_id) {
        Some(job) => {
            job.cancel().cancel();
            let _ = tokio::time::timeout(MOMENT, job.finished()).await;
            // It may have come to its own end just before.
            job.record().end.is_none_or(|end| end.status == JobStatus::Canceled)
        }
        None => {
            let job = engine.jobs.get(&job_id).await.map_err(|error| failure::database(&error))?;
            job.ok_or_else(|| job_not_found(&job_id))?;
            false
        }
    };
    done(&CancelledJob { job_id_camel: job_id.clone(), job_id, canceled })
}
