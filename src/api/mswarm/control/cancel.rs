//! `POST …/jobs/:job/cancel`: ends a job, whether it waits or runs.

use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::service::Mswarm;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    mswarm.token_for(head, job)?;
    mswarm.ignore(head, body).await?;
    Ok(json_response(202, &serde_json::to_value(jobs.cancel(job)?).unwrap_or_default()))
}
