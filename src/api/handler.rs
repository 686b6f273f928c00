//! One request, from its head to its response. The same for every operation.

use super::auth::{Caller, Pass};
use super::body::Incoming;
use super::connection::Peer;
use super::mswarm::Mswarm;
use super::rates::{Limits, too_many};
use super::refused::Refused;
use super::spool::Spool;
use super::{ApiConfig, body, docs, guard, response};
use crate::base::{Shutdown, mint, sha256_hex};
use crate::jobs::{Engine, Outcome, RunContext, Source as _, pipe};
use crate::wire::v1::http::{Route, boundary, decode, decode_parts, is_json, route};
use crate::wire::v1::{BodyKind, ErrorCode, Failure, Method, Operation, ShuttingDown};
use axum::body::Body;
use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use hyper::body::Body as _;
use hyper::header::{ALLOW, CONTENT_TYPE, EXPECT, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response};
use std::panic::AssertUnwindSafe;
use tokio::sync::Semaphore;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request needs.
pub(super) struct Handler {
    pub(super) config: ApiConfig,
    pub(super) engine: Engine,
    pub(super) shutdown: Shutdown,
    bodies: body::Room,
    uploads: Semaphore,
    limits: Option<Limits>,
}

/// The longest body that a signed token may be bound to, bytes: it is held while its hash is compared.
const MAX_SIGNED: u64 = 4 << 20;

impl Handler {
    /// A handler with room for as much at once as `config` says.
    pub(super) fn new(config: ApiConfig, engine: Engine, shutdown: Shutdown) -> Self {
        let bodies = body::Room::new(config.max_held_bytes);
        let uploads = Semaphore::new(config.max_uploads.max(1));
        let limits = config.rates.map(Limits::new);
        Self { config, engine, shutdown, bodies, uploads, limits }
    }

    /// Answers a request, whatever it is.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let request_id = request_id(request.headers());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answered = AssertUnwindSafe(self.carry_out_any(request, &request_id)).catch_unwind().await;
        let refused = match answered {
            Ok(Ok(response)) => return with_id(response, &request_id),
            Ok(Err(refused)) => refused,
            Err(_) => {
                tracing::error!(request_id, %method, path, "a handler panicked");
                Failure::new(ErrorCode::Internal, "internal error").hint("the node's log has more").into()
            }
        };
        let code = refused.failure.code;
        let mut response = refused.into_response(&request_id);
        if code == ErrorCode::MethodNotAllowed
            && let Ok(allow) = HeaderValue::try_from(allowed_methods(&path))
        {
            response.headers_mut().insert(ALLOW, allow);
        }
        with_id(response, &request_id)
    }

    /// Routes with tokens of their own first: they have no rules in common with `/v1`.
    async fn carry_out_any(&self, request: Request<Body>, request_id: &str) -> Result<Response<Body>, Refused> {
        match &self.config.mswarm {
            Some(mswarm) if Mswarm::takes(request.uri().path()) => {
                let (head, body) = request.into_parts();
                self.count(&head, None)?;
                Ok(mswarm.answer(Request::from_parts(head, body)).await)
            }
            _ => self.carry_out(request, request_id).await,
        }
    }

    async fn carry_out(&self, request: Request<Body>, request_id: &str) -> Result<Response<Body>, Refused> {
        let (head, mut body) = request.into_parts();
        let routed = route(head.method.as_str(), head.uri.path());
        let document = docs::at(head.method.as_str(), head.uri.path());
        let is_open = document.is_some() || routed.as_ref().is_ok_and(|route| route.operation.name == "health");
        let passed = guard::check(&self.config, head.method.as_str(), &head.uri, &head.headers, is_open);
        // Also of those who may not pass, so that nobody guesses for long.
        self.count(&head, passed.as_ref().ok())?;
        let Pass { caller, body_sha256 } = passed?;
        if let Some((media, text)) = document {
            return Ok(response::of_text(media, text));
        }
        let route = routed?;
        let operation = route.operation;
        if caller == Caller::Gateway && !operation.remote {
            let failure = format!("{} cannot be asked for by a gateway", operation.name);
            return Err(Failure::new(ErrorCode::Forbidden, failure).into());
        }
        if operation.name == "shutdown" {
            return Ok(self.shut_down(operation, caller)?);
        }
        if let Some(expected) = body_sha256 {
            body = self.signed(&head, body, &expected).await?;
        }
        // Cancelled when this future is dropped, which is what a client's disconnect does.
        let cancel = self.ended_by(operation).child_token();
        let disconnected = cancel.clone().drop_guard();
        let context = RunContext { cancel, inside_only: caller == Caller::Guest, ..RunContext::default() };
        let outcome = if brings_archive(operation, &head.headers, &body) {
            self.load(route, &head, body, context).await?
        } else {
            self.run(route, &head, body, context).await?
        };
        // What is still streamed ends with its reader, not with this future.
        disconnected.disarm();
        if self.shutdown.draining().is_cancelled() && outcome.failure.as_ref().is_some_and(is_cancelled) {
            return Err(Failure::new(ErrorCode::Draining, "the node is shutting down").into());
        }
        match outcome.failure {
            Some(failure) => Err(self.config.auth.explain(failure).into()),
            None => Ok(response::of_outcome(operation, outcome, request_id)),
        }
    }

    /// Counts a request against its address and its key.
    fn count(&self, head: &Parts, passed: Option<&Pass>) -> Result<(), Refused> {
        let Some(limits) = &self.limits else { return Ok(()) };
        if passed.is_some_and(|pass| pass.caller == Caller::Gateway) {
            return Ok(());
        }
        let address = head.extensions.get::<Peer>().map(|peer| peer.0);
        // Without TLS, loopback is a proxy in front, and not one caller.
        let address = address.filter(|address| self.config.tls.is_some() || !address.is_loopback());
        let taken = limits.take(address, passed.and_then(Pass::key));
        taken.map_err(|after| Refused { failure: too_many(after), after: Some(after) })
    }

    /// A body that has to be the one that its token was made for.
    async fn signed(&self, head: &Parts, body: Body, expected: &str) -> Result<Body, Failure> {
        let body = body::read(self.incoming(head, body, MAX_SIGNED)).await?;
        if sha256_hex(&body) == expected.to_ascii_lowercase() {
            return Ok(body.into());
        }
        Err(Failure::new(ErrorCode::BodyMismatch, "the token is for another body"))
    }

    /// An operation whose body is held while it runs.
    async fn run(&self, route: Route, head: &Parts, body: Body, context: RunContext) -> Result<Outcome, Failure> {
        let content_type = content_type(&head.headers);
        let limit = body::limit(&self.config, route.operation.body, content_type);
        let _room = self.bodies.take(body.size_hint(), limit).await;
        let body = body::read(self.incoming(head, body, limit as u64)).await?;
        let request = decode(route, head.uri.query(), content_type, body).await?;
        Ok(self.engine.run(request, context).await)
    }

    /// A load, whose body goes through as it comes.
    async fn load(&self, route: Route, head: &Parts, body: Body, context: RunContext) -> Result<Outcome, Failure> {
        let (content_type, query) = (content_type(&head.headers), head.uri.query());
        let mut body = self.incoming(head, body, self.engine.max_archive_bytes());
        let _used = self.engine.hold().await;
        let _turn = self.uploads.acquire().await;
        if let Some(boundary) = boundary(route.operation, content_type) {
            let mut spool = Spool::default();
            let chunks = stream::unfold(body, async |mut body| Some((body.next().await.transpose()?, body)));
            let request = decode_parts(route, query, boundary, chunks, &mut spool).await?;
            return Ok(self.engine.load(request, spool.into_archive().await?, context).await);
        }
        let request = decode(route, query, content_type, Bytes::new()).await?;
        let (feeder, archive) = pipe();
        let (outcome, fed) =
            tokio::join!(self.engine.load(request, Box::new(archive), context), feeder.feed(&mut body));
        match fed {
            // The loader only knows that it got no more; why is known here.
            Err(failure) if outcome.failure.is_some() => Err(failure),
            _ => Ok(outcome),
        }
    }

    fn incoming(&self, head: &Parts, body: Body, limit: u64) -> Incoming {
        Incoming::new(body, limit, self.config.body_timeout, head.headers.contains_key(EXPECT))
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
            Caller::User | Caller::Gateway => {
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

/// Whether an archive comes with the request, or at least no JSON that says where it is.
fn brings_archive(operation: &Operation, headers: &HeaderMap, body: &Body) -> bool {
    operation.body == BodyKind::Archive && !is_json(content_type(headers)) && body.size_hint().exact() != Some(0)
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok())
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
