//! `GET …/jobs/:job`: everything about a job.

use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::service::Mswarm;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    mswarm.token_for(head, job)?;
    let snapshot = jobs.snapshot(job).await?;
    Ok(json_response(200, &serde_json::to_value(snapshot).unwrap_or_default()))
}
