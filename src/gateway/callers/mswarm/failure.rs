//! Errors in the form that consumers of mswarm read:
//! `{"error":"mswarm_error","code":…,"message":…,"request_id":…,"details":{…}}`.

use super::PREFIX;
use crate::gateway::models::ModelFailure;
use crate::gateway::refusal::Refusal;
use crate::gateway::store::StoreError;
use crate::wire::NODE_PREFIX;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A failure on its way to becoming a body, which the [frame](crate::gateway::frame) makes: it knows the request's id.
#[derive(Debug, Clone)]
pub(crate) struct Failed(ModelFailure);

impl Failed {
    /// The response.
    pub(crate) fn render(&self, request_id: &str) -> Response {
        let mut body = body(&self.0);
        body["request_id"] = request_id.into();
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.0.status {
            401 => drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            429 | 503 => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => {}
        }
        response
    }

    /// Its code, for the log.
    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }
}

/// A failure as it is written in the middle of a stream.
pub(super) fn body(failure: &ModelFailure) -> Value {
    json!({
        "error": "mswarm_error", "code": failure.code, "message": failure.message, "request_id": null,
        "details": failure.details,
    })
}

/// Whether errors at this path have this form.
pub(crate) fn covers(path: &str) -> bool {
    let below = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below(PREFIX) && !below(NODE_PREFIX)
}

impl From<ModelFailure> for Failed {
    fn from(failure: ModelFailure) -> Self {
        Self(failure)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.into())
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_nodes_have_errors_of_their_own() {
        for path in ["/v1/swarm/self-hosted/agents", "/v1/swarm/self-hosted/nodes", "/v1/swarm/self-hosted/openai/x"] {
            assert!(covers(path), "{path}");
        }
        for path in ["/v1/swarm/self-hosted/node/heartbeat", "/v1/swarm/self-hosted-x", "/v1/jobs"] {
            assert!(!covers(path), "{path}");
        }
    }
}
