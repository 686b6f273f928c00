//! `GET …/jobs/:job/audit`: what was done to a job.

use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::service::Mswarm;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::json;

pub(super) fn answer(mswarm: &Mswarm, head: &Parts, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    mswarm.token_for(head, job)?;
    Ok(json_response(200, &json!({ "job_id": job, "audit": jobs.audit(job)? })))
}
