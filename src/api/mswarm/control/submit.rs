//! `POST …/jobs`: queues a job. One that was queued before, by its idempotency key, is that one; its token need not be fresh.

use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::service::Mswarm;
use crate::api::mswarm::tokens::Purpose;
use crate::jobs::generic::GenericRefusal;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    let (submission, token) = mswarm.submission(head, body).await?;
    let mut spent = None;
    let permit = || {
        let used = mswarm.tokens.spend(&token, Purpose::Start);
        let first = used.is_ok();
        spent = used.err();
        first
    };
    match jobs.submit(submission, permit) {
        Ok(submitted) => {
            let status = if submitted.reused { 200 } else { 202 };
            Ok(json_response(status, &serde_json::to_value(submitted.snapshot).unwrap_or_default()))
        }
        Err(GenericRefusal::NotPermitted) => Err(spent.unwrap_or_else(|| GenericRefusal::NotPermitted.into())),
        Err(refusal) => Err(refusal.into()),
    }
}
