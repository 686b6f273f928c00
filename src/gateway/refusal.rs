//! A request that is not answered as asked: a [`Failure`] on its way to becoming a body.
//!
//! Handlers return it; the [frame](super::frame) renders it, because only the frame knows the request id and whose error
//! shape is wanted.

use super::store::StoreError;
use crate::wire::v1::{ErrorCode, Failure, Problem};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// What a handler returns.
pub(crate) type Answer = Result<Response, Refusal>;

/// A failure, and what only the log may know about it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    /// Overrides the status of the failure's code, for a peer that decides by status whether to try again.
    status: Option<StatusCode>,
    /// Goes with the response.
    header: Option<Box<(HeaderName, HeaderValue)>>,
    /// Logged with the request id, never sent.
    pub(crate) cause: Option<Arc<str>>,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Failure::new(code, message).into()
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.failure.hint = Some(hint.into());
        self
    }

    /// The same with a header.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    pub(crate) fn internal(message: &str, cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string().into()), ..Self::new(ErrorCode::Internal, message) }
    }

    /// The peer shall mend what the hint says and send the same again: 425.
    pub(crate) fn too_early(mut self) -> Self {
        self.status = Some(StatusCode::TOO_EARLY);
        self
    }

    /// The response. Node calls also get `error` and `message`, which mswarm nodes read.
    pub(crate) fn render(&self, request_id: &str, for_node: bool) -> Response {
        let mut problem = Problem::new(&self.failure, request_id);
        if let Some(status) = self.status {
            problem.status = status.as_u16();
            problem.retryable = true;
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = serde_json::to_value(&problem).unwrap_or_default();
        if for_node && let Value::Object(fields) = &mut body {
            fields.insert("error".to_owned(), Value::String(self.failure.code.as_str().to_owned()));
            fields.insert("message".to_owned(), Value::String(self.failure.message.clone()));
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(header) = self.header.clone() {
            headers.insert(header.0, header.1);
        }
        if problem.retryable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, status: None, header: None, cause: None }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::internal("the gateway could not read or write its store", error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
