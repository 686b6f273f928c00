//! `GET …/ops?audit_limit=50&audit_offset=0`: all jobs at a glance, for an operator.

use crate::api::mswarm::capabilities::projection;
use crate::api::mswarm::refusal::{Refusal, json_response};
use crate::api::mswarm::request::number;
use crate::api::mswarm::service::Mswarm;
use crate::wire::node::SCOPE_OPS;
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;

/// Entries of the audit in one answer: when nothing is said, and at most.
const LIMIT: (usize, usize) = (50, 250);
/// How far back a page may begin.
const MAX_OFFSET: usize = 10_000;

pub(super) fn answer(mswarm: &Mswarm, head: &Parts) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    mswarm.tokens.open(&head.headers, SCOPE_OPS)?;
    let query = head.uri.query();
    let limit = number(query, "audit_limit").unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let offset = number(query, "audit_offset").unwrap_or(0).min(MAX_OFFSET);
    Ok(json_response(200, &jobs.ops(projection(&mswarm.options), limit, offset)))
}
