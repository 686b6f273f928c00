//! `POST …/generic-jobs/:job/cancel`: ends a generic job that somebody else waits for.

use super::claims::same;
use super::refusal::{Refusal, json_response};
use super::service::Mswarm;
use crate::wire::node::generic::GENERIC_SCHEMA_VERSION;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::json;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    let token = mswarm.token_for(head, job)?;
    mswarm.ignore(head, body).await?;
    let claim = |claim: &Option<String>| claim.clone().unwrap_or_default();
    let (request, job_type) = (claim(&token.claims.request_id), claim(&token.claims.job_type));
    same("schema_version", token.claims.schema_version.as_deref(), GENERIC_SCHEMA_VERSION)?;
    let request_id = jobs.cancel_running(job, &request, &job_type)?;
    Ok(json_response(202, &json!({ "job_id": job, "request_id": request_id, "status": "cancelling" })))
}
