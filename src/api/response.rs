//! Outcomes and failures as HTTP responses. The only place of the node's `/v1` that decides a status.

use crate::jobs::{Answer, AnswerStream, Outcome};
use crate::wire::v1::http::{JOB_ID_HEADER, success};
use crate::wire::v1::{ErrorCode, Failure, Operation, Problem};
use axum::body::Body;
use futures_util::stream;
use hyper::Response;
use hyper::header::{
    CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use serde_json::Value;

/// What browsers should keep as a file.
const TAR: &str = "application/x-tar";

const JOB_ID: HeaderName = HeaderName::from_static(JOB_ID_HEADER);

/// The response to an operation's outcome. A failure is shown before a partial answer: the status must not lie.
pub(super) fn of_outcome(operation: &Operation, outcome: Outcome, request_id: &str) -> Response<Body> {
    match (outcome.failure, outcome.answer) {
        (Some(failure), _) => of_failure(&failure, request_id),
        (None, Some(Answer { value, body: None })) => of_value(operation, &value),
        (None, Some(Answer { value, body: Some(body) })) => of_stream(operation, &value, body),
        (None, None) => {
            tracing::error!(operation = operation.name, request_id, "an outcome holds neither answer nor failure");
            of_failure(&Failure::new(ErrorCode::Internal, "internal error"), request_id)
        }
    }
}

/// A failure as `application/problem+json`.
pub(super) fn of_failure(failure: &Failure, request_id: &str) -> Response<Body> {
    let problem = serde_json::to_vec(&Problem::new(failure, request_id)).unwrap_or_default();
    let mut response = json(failure.code.status(), problem, "application/problem+json");
    let headers = response.headers_mut();
    if failure.code.status() == 401 {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if failure.code.retryable() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// JSON with the status that the operation's row says.
pub(super) fn of_value(operation: &Operation, value: &Value) -> Response<Body> {
    let (status, job_id) = success(operation, value);
    let mut response = json(status, serde_json::to_vec(value).unwrap_or_default(), "application/json");
    add_job_id(response.headers_mut(), job_id);
    response
}

/// A text that is the same for everybody.
pub(super) fn of_text(media: &'static str, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}

/// Bytes as they are made. An error among them ends the connection without the body's end, so that no client takes a
/// part for the whole.
fn of_stream(operation: &Operation, value: &Value, body: AnswerStream) -> Response<Body> {
    let AnswerStream { content_type, size, chunks } = body;
    let chunks = stream::unfold(chunks, async |mut chunks| chunks.recv().await.map(|chunk| (chunk, chunks)));
    let mut response = Response::new(Body::from_stream(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(size) = size {
        headers.insert(CONTENT_LENGTH, size.into());
    }
    add_job_id(headers, success(operation, value).1);
    if content_type == TAR {
        // Ids of workspaces have no character that would need quoting.
        let name = value.get("id").and_then(Value::as_str).unwrap_or("workspace");
        if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}.tar\"")) {
            headers.insert(CONTENT_DISPOSITION, value);
        }
    }
    response
}

fn add_job_id(headers: &mut HeaderMap, id: Option<String>) {
    if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(JOB_ID, id);
    }
}

fn json(status: u16, body: Vec<u8>, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
