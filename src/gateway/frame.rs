//! What every request has around it: an id, a guard against panics, the error body, one line in the log.

use super::callers::mswarm::{Failed, covers};
use super::refusal::Refusal;
use crate::base::mint;
use crate::wire::NODE_PREFIX;
use crate::wire::v1::ErrorCode;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs one request.
pub(crate) async fn frame(request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let id = mint("req");
    let begun = Instant::now();
    // Nothing of ours stays half changed behind a panic: state is behind locks that are taken for single steps.
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Refusal::internal("the gateway failed while it answered", text).into_response()
        }
    };
    let failed = response.extensions_mut().remove::<Failed>();
    let failed = failed.or_else(|| {
        covers(uri.path()).then(|| response.extensions_mut().remove::<Refusal>()).flatten().map(Failed::from)
    });
    if let Some(failed) = failed {
        response = failed.render(&id);
        let (code, status) = (failed.code(), response.status().as_u16());
        tracing::debug!(request_id = id, %method, path = uri.path(), status, code, "request refused");
    } else if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = refusal.render(&id, uri.path().starts_with(NODE_PREFIX));
        let (code, status) = (refusal.failure.code.as_str(), response.status().as_u16());
        if let Some(cause) = &refusal.cause {
            tracing::error!(request_id = id, %method, path = uri.path(), code, %cause, "request failed");
        } else {
            tracing::debug!(request_id = id, %method, path = uri.path(), status, code, "request refused");
        }
    } else {
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        tracing::debug!(request_id = id, %method, path = uri.path(), status, ?took, "request");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// No such route.
pub(crate) async fn not_found(method: Method, uri: Uri) -> Refusal {
    Refusal::new(ErrorCode::NotFound, "Not Found").hint(format!("there is no {method} {}", uri.path()))
}

/// Another method's route.
pub(crate) async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    Refusal::new(ErrorCode::MethodNotAllowed, "Method Not Allowed")
        .hint(format!("{} exists, but not for {method}", uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use hyper_util::service::TowerToHyperService;

    #[tokio::test]
    async fn a_panic_becomes_a_500_with_a_request_id() {
        async fn broken() -> Response {
            panic!("no such luck")
        }
        let router = Router::new().route("/", get(broken)).layer(axum::middleware::from_fn(frame));
        let request = Request::new(Body::empty());
        let response = hyper::service::Service::call(&TowerToHyperService::new(router), request).await.unwrap();
        assert_eq!(response.status(), 500);
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body = String::from_utf8(to_bytes(response.into_body(), 10_000).await.unwrap().into()).unwrap();
        assert!(body.contains(&id) && !body.contains("luck"), "{body}");
    }
}
