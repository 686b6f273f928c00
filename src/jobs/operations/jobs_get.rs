//! `jobs.get`: one job, with its result once it is done.

use super::{done, job_not_found};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{Failure, JobParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: JobParams = params::parse(params)?;
    answer(engine, &params.job_id).await
}

/// The job as it is now.
pub(super) async fn answer(engine: &Inner, id: &str) -> Result<Outcome, Failure> {
    let job = engine.jobs.get(id).await.map_err(|error| failure::database(&error))?;
    done(&job.ok_or_else(|| job_not_found(id))?.detail())
}
