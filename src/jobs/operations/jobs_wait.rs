//! `jobs.wait`: one job, once it has ended or the caller's patience has.

use super::jobs_get;
use crate::jobs::engine::Inner;
use crate::jobs::stop::Stop;
use crate::jobs::{Outcome, params};
use crate::wire::v1::{Failure, WaitParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, stop: &Stop) -> Result<Outcome, Failure> {
    let params: WaitParams = params::parse(params)?;
    let patience = params.timeout_s.map(|timeout| params::seconds("timeout_s", timeout)).transpose()?;
    if let Some(job) = engine.jobs.running(&params.job_id) {
        let impatient = async {
            match patience {
                Some(patience) => tokio::time::sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = job.finished() => {}
            () = impatient => {}
            failure = stop.reached() => return Err(failure),
        }
    }
    jobs_get::answer(engine, &params.job_id).await
}
