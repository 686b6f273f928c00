//! `POST …/jobs/:job/retry`: runs a job again that ended badly.

use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::service::Mswarm;
use crate::api::mswarm::tokens::Purpose;
use crate::jobs::generic::GenericRefusal;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body, job: &str) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    let token = mswarm.token_for(head, job)?;
    mswarm.ignore(head, body).await?;
    let mut spent = None;
    let permit = || {
        let used = mswarm.tokens.spend(&token, Purpose::Retry);
        let first = used.is_ok();
        spent = used.err();
        first
    };
    match jobs.retry(job, Some(token.deadline_ms), permit) {
        Ok(snapshot) => Ok(json_response(202, &serde_json::to_value(snapshot).unwrap_or_default())),
        Err(GenericRefusal::NotPermitted) => Err(spent.unwrap_or_else(|| GenericRefusal::NotPermitted.into())),
        Err(refusal) => Err(refusal.into()),
    }
}
