//! Which route of the queue a request is for.

use super::{artifacts, audit, cancel, events, get, logs, ops, retry, submit, upload};
use crate::api::mswarm::refusal::Refusal;
use crate::api::mswarm::service::Mswarm;
use axum::body::Body;
use hyper::http::request::Parts;
use hyper::{Method, Response};

/// The answer; none when there is no such route.
pub(in crate::api::mswarm) async fn answer(
    mswarm: &Mswarm,
    head: &Parts,
    body: Body,
    path: &[&str],
) -> Option<Result<Response<Body>, Refusal>> {
    Some(match (&head.method, path) {
        (&Method::POST, ["jobs"]) => submit::answer(mswarm, head, body).await,
        (&Method::GET, ["jobs", job]) => get::answer(mswarm, head, job).await,
        (&Method::GET, ["jobs", job, "events"]) => events::answer(mswarm, head, job),
        (&Method::GET, ["jobs", job, "logs"]) => logs::answer(mswarm, head, job),
        (&Method::GET, ["jobs", job, "audit"]) => audit::answer(mswarm, head, job),
        (&Method::GET, ["jobs", job, "artifacts"]) => artifacts::answer(mswarm, head, job).await,
        (&Method::POST, ["jobs", job, "artifacts"]) => upload::answer(mswarm, head, body, job).await,
        (&Method::POST, ["jobs", job, "cancel"]) => cancel::answer(mswarm, head, body, job).await,
        (&Method::POST, ["jobs", job, "retry"]) => retry::answer(mswarm, head, body, job).await,
        (&Method::GET, ["ops"]) => ops::answer(mswarm, head),
        _ => return None,
    })
}
