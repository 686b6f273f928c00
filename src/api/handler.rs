//! One request, from its head to its response. The same for every operation.

use super::auth::Caller;
use super::{ApiConfig, body, docs, guard, response};
use crate::base::{Shutdown, mint};
use crate::jobs::{Engine, RunContext};
use crate::wire::v1::http::{decode, route};
use crate::wire::v1::{ErrorCode, Failure, Method, Operation, ShuttingDown};
use axum::body::Body;
use futures_util::FutureExt as _;
use hyper::header::{ALLOW, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response};
use std::panic::AssertUnwindSafe;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request needs.
pub(super) struct Handler {
    pub(super) config: ApiConfig,
    pub(super) engine: Engine,
    pub(super) shutdown: Shutdown,
    pub(super) bodies: body::Room,
}

impl Handler {
    /// Answers a request, whatever it is.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let request_id = request_id(request.headers());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answered = AssertUnwindSafe(self.carry_out(request, &request_id)).catch_unwind().await;
        let failure = match answered {
            Ok(Ok(response)) => return with_id(response, &request_id),
            Ok(Err(failure)) => failure,
            Err(_) => {
                tracing::error!(request_id, %method, path, "a handler panicked");
                Failure::new(ErrorCode::Internal, "internal error").hint("the node's log has more")
            }
        };
        let mut response = response::of_failure(&failure, &request_id);
        if failure.code == ErrorCode::MethodNotAllowed
            && let Ok(allow) = HeaderValue::try_from(allowed_methods(&path))
        {
            response.headers_mut().insert(ALLOW, allow);
        }
        with_id(response, &request_id)
    }

    async fn carry_out(&self, request: Request<Body>, request_id: &str) -> Result<Response<Body>, Failure> {
        let (head, body) = request.into_parts();
        let routed = route(head.method.as_str(), head.uri.path());
        let document = docs::at(head.method.as_str(), head.uri.path());
        let is_open = document.is_some() || routed.as_ref().is_ok_and(|route| route.operation.name == "health");
        let caller = guard::check(&self.config, &head.uri, &head.headers, is_open)?;
        if let Some((media, text)) = document {
            return Ok(response::of_text(media, text));
        }
        let route = routed?;
        let operation = route.operation;
        if operation.name == "shutdown" {
            return self.shut_down(operation, caller);
        }
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let limit = body::limit(&self.config, operation.body, content_type);
        let asks_first = head.headers.contains_key(EXPECT);
        let _room = self.bodies.take(hyper::body::Body::size_hint(&body), limit).await;
        let body = body::read(body, limit, self.config.body_timeout, asks_first).await?;
        let request = decode(route, head.uri.query(), content_type, body).await?;

        // Cancelled when this future is dropped, which is what a client's disconnect does.
        let cancel = self.ended_by(operation).child_token();
        let disconnected = cancel.clone().drop_guard();
        let outcome = self
            .engine
            .run(request, RunContext { cancel, inside_only: caller == Caller::Guest, ..RunContext::default() })
            .await;
        // What is still streamed ends with its reader, not with this future.
        disconnected.disarm();
        if self.shutdown.draining().is_cancelled() && outcome.failure.as_ref().is_some_and(is_cancelled) {
            return Err(Failure::new(ErrorCode::Draining, "the node is shutting down"));
        }
        match outcome.failure {
            Some(failure) => Err(self.config.auth.explain(failure)),
            None => Ok(response::of_outcome(operation, outcome, request_id)),
        }
    }

    /// A drain lets requests come to their end, but not one that may wait for ever and loses nothing.
    fn ended_by(&self, operation: &Operation) -> &tokio_util::sync::CancellationToken {
        match operation.name {
            "jobs.wait" => self.shutdown.draining(),
            _ => self.shutdown.aborting(),
        }
    }

    fn shut_down(&self, operation: &Operation, caller: Caller) -> Result<Response<Body>, Failure> {
        match caller {
            Caller::Owner => {}
            Caller::User => {
                let failure = Failure::new(ErrorCode::Forbidden, "a signed token does not end the server");
                return Err(failure.hint("its owner does, on its machine, with `waypost daemon stop`"));
            }
            Caller::Guest => {
                let failure = Failure::new(ErrorCode::Unauthorized, "ending the server needs its token");
                return Err(self.config.auth.explain(failure));
            }
        }
        self.engine.allows(operation.name)?;
        let step = self.shutdown.advance();
        tracing::info!(step, "shutdown asked for");
        let answer = ShuttingDown { status: "shutting_down".to_owned(), pid: std::process::id() };
        Ok(response::of_value(operation, &serde_json::to_value(answer).unwrap_or_default()))
    }
}

fn is_cancelled(failure: &Failure) -> bool {
    failure.code == ErrorCode::Cancelled
}

/// The caller's own id for the request, when it is a plain word; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    });
    given.map_or_else(|| mint("req"), str::to_owned)
}

fn with_id(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(id) = HeaderValue::try_from(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn allowed_methods(path: &str) -> String {
    let methods = [Method::Get, Method::Post, Method::Patch, Method::Delete].map(Method::as_str);
    methods.into_iter().filter(|method| route(method, path).is_ok()).collect::<Vec<_>>().join(", ")
}
