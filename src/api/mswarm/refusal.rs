//! What is refused, in the form that callers of mswarm's direct mode know: `{error, code, message}`. The only place that
//! decides a status of these routes' errors.

use crate::jobs::generic::{ArtifactProblem, GenericRefusal};
use crate::wire::v1::{ErrorCode, Failure};
use axum::body::Body;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

/// Something that is refused.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    /// Which part of a check it was, where `code` is one for all.
    reason: Option<&'static str>,
    message: String,
    /// Seconds.
    retry_after: Option<u64>,
    issues: Option<Box<Value>>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, reason: None, message: message.into(), retry_after: None, issues: None }
    }

    /// What a body or path says is not what it should be.
    pub(super) fn invalid(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason: Some(reason), ..Self::new(400, "validation_failed", message) }
    }

    /// The token does not do.
    pub(super) fn unauthorized(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(401, code, message)
    }

    /// Not now.
    pub(super) fn later(code: &'static str, message: impl Into<String>) -> Self {
        Self { retry_after: Some(1), ..Self::new(503, code, message) }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut body = json!({ "error": word(self.status), "code": self.code, "message": self.message });
        if let Some(reason) = self.reason {
            body["reason"] = reason.into();
        }
        if let Some(issues) = self.issues {
            body["validation_issues"] = *issues;
        }
        let mut response = json_response(self.status, &body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn word(status: u16) -> &'static str {
    match status {
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        409 => "conflict",
        413 => "payload_too_large",
        429 => "too_many_requests",
        503 => "service_unavailable",
        507 => "insufficient_storage",
        400..=499 => "bad_request",
        _ => "internal_error",
    }
}

/// JSON with a status.
pub(super) fn json_response(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure.code {
            ErrorCode::PayloadTooLarge => Self::new(413, "payload_too_large", failure.message),
            _ => Self::new(400, "validation_failed", failure.message),
        }
    }
}

impl From<GenericRefusal> for Refusal {
    fn from(refusal: GenericRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            GenericRefusal::Invalid(issues) => {
                let issues = serde_json::to_value(issues).ok().map(Box::new);
                Self { issues, ..Self::new(400, "validation_failed", text) }
            }
            GenericRefusal::NotFound => Self::new(404, "job_not_found", text),
            GenericRefusal::AlreadyRunning => Self::new(409, "job_already_running", text),
            GenericRefusal::NotRunning => Self::new(404, "job_not_running", text),
            GenericRefusal::OtherRequest => Self::invalid("request_mismatch", text),
            GenericRefusal::IdempotencyConflict => Self::new(409, "idempotency_key_conflict", text),
            GenericRefusal::JobIdConflict => Self::new(409, "job_id_conflict", text),
            GenericRefusal::NotRetryable(_) => Self::new(400, "job_not_retryable", text),
            GenericRefusal::RunnerNotAllowed(_) => Self::new(403, "policy_denied", text),
            GenericRefusal::NotPermitted => Self::unauthorized("token_used", text),
            GenericRefusal::Busy => Self::later("node_busy", text),
            GenericRefusal::QueueFull => Self { retry_after: Some(5), ..Self::new(429, "queue_full", text) },
            GenericRefusal::Draining => Self::later("draining", text),
            GenericRefusal::Artifact(error) => {
                let (status, code) = match error.problem {
                    ArtifactProblem::UnsafePath => (400, "unsafe_path"),
                    ArtifactProblem::Exists => (409, "artifact_exists"),
                    ArtifactProblem::Mismatch => (400, "artifact_mismatch"),
                    ArtifactProblem::NotBase64 => (400, "invalid_artifact"),
                    ArtifactProblem::TooLarge => (413, "artifact_too_large"),
                    ArtifactProblem::Full => (507, "artifact_store_full"),
                    ArtifactProblem::NotFound => (404, "artifact_not_found"),
                    ArtifactProblem::Storage => (500, "artifact_store_failed"),
                };
                Self::new(status, code, text)
            }
        }
    }
}
