//! `POST …/jobs/:job/artifacts`: keeps a file for a job, before it comes. Its URI is what an input names.

use crate::api::mswarm::claims::same_body;
use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::request::parse;
use crate::api::mswarm::service::Mswarm;
use crate::wire::node::generic::ArtifactUpload;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::json;

/// What stands around the content in a body.
const AROUND: usize = 64 << 10;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    let token = mswarm.token_for(head, job)?;
    let longest = usize::try_from(jobs.max_upload_bytes()).unwrap_or(usize::MAX / 4);
    let (body, _room) = mswarm.read(head, body, longest.div_ceil(3).saturating_mul(4).saturating_add(AROUND)).await?;
    same_body(&token.claims, &body)?;
    let upload: ArtifactUpload = parse(&body)?;
    let artifact = jobs.upload(job, upload).await?;
    Ok(json_response(201, &json!({ "job_id": job, "artifact": artifact })))
}
