//! `POST …/jobs`: one model or media job, answered with its result or, for a chat that asks for it, with its chunks.

use super::claims::{OPERATIONS, same, same_body};
use super::envelope;
use super::invocations::{Invocation, InvocationFailure, Invocations, Invoked};
use super::refusal::{Refusal, json_response};
use super::request::parse;
use super::service::Mswarm;
use super::stream;
use super::tokens::{Purpose, Token};
use crate::base::{Secret, unix_ms};
use crate::wire::node::{Job, SCOPE_INVOKE};
use axum::body::Body;
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, TryAcquireError, mpsc};

/// Chunks on their way to a caller who reads slowly.
const AHEAD: usize = 64;
/// Headers that may bring a key for Docdex.
const ATTACHED: [&str; 2] = ["x-mswarm-attached-api-key", "x-attached-mswarm-api-key"];

/// A job that may run, and has a slot for it.
pub(super) struct Admitted {
    pub(super) job: Job,
    attached_key: Option<Secret>,
    pub(super) timeout: Duration,
    pub(super) _slot: OwnedSemaphorePermit,
}

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body) -> Result<Response<Body>, Refusal> {
    let token = mswarm.tokens.open(&head.headers, SCOPE_INVOKE)?;
    let (body, _room) = mswarm.read(head, body, mswarm.options.max_body_bytes).await?;
    same_body(&token.claims, &body)?;
    let job: Job = parse(&body)?;
    check(&job, &token)?;
    let slot = mswarm.slots.clone().try_acquire_owned();
    let slot = slot.map_err(|why| match why {
        TryAcquireError::NoPermits => Refusal::later("node_busy", "all slots for model jobs are taken"),
        TryAcquireError::Closed => Refusal::later("draining", "the node is shutting down"),
    })?;
    mswarm.tokens.spend(&token, Purpose::Start)?;
    let left = u64::try_from(token.deadline_ms - unix_ms()).unwrap_or(0);
    let timeout = mswarm.options.job_timeout.min(Duration::from_millis(left));
    let key = ATTACHED.iter().find_map(|name| head.headers.get(*name)?.to_str().ok());
    let attached_key = key.map(Secret::new).filter(|key| !key.is_empty());
    let admitted = Admitted { job, attached_key, timeout, _slot: slot };
    if streams(&admitted.job) {
        return Ok(stream::answer(mswarm, admitted));
    }
    Ok(whole(mswarm, admitted).await)
}

/// # Errors
/// 400 `validation_failed`, when something is missing or not what the token is for.
fn check(job: &Job, token: &Token) -> Result<(), Refusal> {
    let text = |key: &str| job.rest.get(key).and_then(Value::as_str).unwrap_or_default();
    let model = job.rest.get("openai_request").and_then(|request| request.get("model")).and_then(Value::as_str);
    let model = model.unwrap_or_default();
    let needed = [
        ("job_id", job.job_id.as_str()),
        ("request_id", &job.request_id),
        ("node_id", &job.node_id),
        ("agent_slug", text("agent_slug")),
        ("openai_request.model", model),
    ];
    if let Some((name, _)) = needed.iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(Refusal::invalid("missing_field", format!("{name} is missing")));
    }
    let claims = &token.claims;
    same("node_id", claims.node_id.as_deref(), &job.node_id)?;
    same("job_id", claims.job_id.as_deref(), &job.job_id)?;
    same("request_id", claims.request_id.as_deref(), &job.request_id)?;
    same("model", claims.model.as_deref(), model)?;
    let operation = claims.operation.as_deref().unwrap_or(OPERATIONS[0]);
    same("operation", Some(operation), envelope::operation(job))
}

fn streams(job: &Job) -> bool {
    let asked = job.rest.get("openai_request").and_then(|request| request.get("stream")) == Some(&Value::Bool(true));
    asked && envelope::operation(job) == OPERATIONS[0]
}

/// A job that runs. Letting go of it ends the job.
pub(super) struct Running {
    invoked: Pin<Box<dyn Future<Output = Result<Invoked, InvocationFailure>> + Send>>,
    chunks: mpsc::Receiver<Value>,
    ended: Option<Result<Invoked, InvocationFailure>>,
}

impl Running {
    pub(super) fn start(invocations: Arc<dyn Invocations>, admitted: &Admitted) -> Self {
        let (sender, chunks) = mpsc::channel(AHEAD);
        let invocation =
            Invocation { job: admitted.job.clone(), attached_key: admitted.attached_key.clone(), chunks: sender };
        let timeout = admitted.timeout;
        let invoked = Box::pin(async move {
            let ended = tokio::time::timeout(timeout, invocations.invoke(invocation)).await;
            ended.unwrap_or_else(|_| {
                let text = format!("the job took longer than {} s", timeout.as_secs_f64());
                Err(InvocationFailure::new("timeout", text))
            })
        });
        Self { invoked, chunks, ended: None }
    }

    /// The next chunk; none when the job has ended and all were given.
    pub(super) async fn next(&mut self) -> Option<Value> {
        if self.ended.is_none() {
            tokio::select! {
                biased;
                Some(chunk) = self.chunks.recv() => return Some(chunk),
                ended = &mut self.invoked => {
                    self.ended = Some(ended);
                    // Whoever still has the other end has nothing more to say.
                    self.chunks.close();
                }
            }
        }
        self.chunks.recv().await
    }

    /// How it ended, once there is no further chunk.
    pub(super) fn into_result(self) -> Result<Invoked, InvocationFailure> {
        self.ended.unwrap_or_else(|| Err(InvocationFailure::new("upstream_error", "the job did not end")))
    }
}

/// The result, with every chunk in it. Its caller's disconnect drops this future and so ends the job.
async fn whole(mswarm: &Mswarm, admitted: Admitted) -> Response<Body> {
    let begun = Instant::now();
    let mut running = Running::start(mswarm.options.invocations.clone(), &admitted);
    let mut chunks = Vec::new();
    while let Some(chunk) = running.next().await {
        chunks.push(chunk);
    }
    let ended = running.into_result();
    let status = if ended.is_ok() { 200 } else { 502 };
    json_response(status, &envelope::result(&admitted.job, ended, chunks, begun.elapsed()).into())
}
