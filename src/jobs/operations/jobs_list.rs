//! `jobs.list`: executions that run or are kept, in the order of submission.

use super::done;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, RunContext, failure, inside, params};
use crate::wire::v1::{Failure, ListJobsParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, context: &RunContext) -> Result<Outcome, Failure> {
    let params: ListJobsParams = params::parse(params)?;
    let jobs = engine.jobs.list(params.workspace_id.as_deref()).await.map_err(|error| failure::database(&error))?;
    let shown = jobs.iter().filter(|job| !context.inside_only || inside::is_inside(engine, job));
    done(&shown.map(|job| job.summary()).collect::<Vec<_>>())
}
