//! A request that is not answered as asked, and when it may be asked again.

use super::rates::whole_seconds;
use super::response;
use crate::wire::v1::Failure;
use axum::body::Body;
use hyper::Response;
use hyper::header::RETRY_AFTER;
use std::time::Duration;

/// A failure on its way to becoming a response.
pub(super) struct Refused {
    pub(super) failure: Failure,
    pub(super) after: Option<Duration>,
}

impl Refused {
    pub(super) fn into_response(self, request_id: &str) -> Response<Body> {
        let mut response = response::of_failure(&self.failure, request_id);
        if let Some(after) = self.after {
            response.headers_mut().insert(RETRY_AFTER, whole_seconds(after).max(1).into());
        }
        response
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { failure, after: None }
    }
}
