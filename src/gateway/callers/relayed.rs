//! `/nodes/{node}/v1/…`: the third door. A request becomes a job of its node, and the job's answer the response, so that a
//! client of `/v1` cannot tell it from the node's own door.

use super::jobs::{attachment, content};
use super::nodes::Standing;
use crate::base::unix_ms;
use crate::gateway::intake::Intake;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::reply;
use crate::gateway::selection::{from_node, select};
use crate::gateway::shared::Gateway;
use crate::gateway::store::{CancelOutcome, Enqueued, JobRecord, KeyRecord, NewJob, NodeRecord};
use crate::wire::gateway::{JobState, Scope};
use crate::wire::node::BodyRef;
use crate::wire::v1::http::{JOB_ID_HEADER, Route, decode, is_archive, route, success};
use crate::wire::v1::{AnswerKind, BodyKind, ErrorCode, Failure, Operation, OperationRequest};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long a request may run that names no time limit of its own.
const USUAL_TIMEOUT: Duration = Duration::from_secs(3600);
/// The longest time limit that counts.
const MOST_TIMEOUT: Duration = Duration::from_secs(30 * 86_400);
/// What a request that names one gets on top: the node ends it first, and its answer is the better one.
const MARGIN: Duration = Duration::from_secs(30);

/// How long an ending gateway still waits for the results of relayed requests.
const LAST_RESULTS: Duration = Duration::from_secs(1);

pub(crate) async fn relay(State(gateway): State<Arc<Gateway>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let key = gateway.authorize(&parts.headers, &[Scope::Call]).await?;
    let (name, path) = split(parts.uri.path())?;
    let route = route(parts.method.as_str(), path)?;
    let operation = route.operation;
    if !operation.remote {
        return Err(Refusal::new(
            ErrorCode::Forbidden,
            format!("{} cannot be asked for through a gateway", operation.name),
        )
        .hint("ask for it at the node's own door"));
    }
    let node = select(&gateway, &key, &name, operation, &route.params).await?;
    let answer = carry(&gateway, &key, &node, route, &parts, body).await;
    from_node(&node, answer)
}

/// Has the node answer it.
async fn carry(
    gateway: &Arc<Gateway>,
    key: &KeyRecord,
    node: &NodeRecord,
    route: Route,
    parts: &Parts,
    body: axum::body::Body,
) -> Answer {
    let (operation, path_params) = (route.operation, route.params.clone());
    let (request, body) = read(gateway, route, parts.uri.query(), &parts.headers, body).await?;
    let job = NewJob { caller: Some(key.id.clone()), ..new_job(gateway, node, operation, request, body) };
    let queue_deadline = Instant::now() + gateway.config.relay_queue_timeout;
    let pending = Pending::enqueue(gateway, job).await?;
    let record = pending.ended(queue_deadline).await?;
    if let (JobState::Succeeded, Some(answer)) = (record.state, &record.answer) {
        gateway.places.learn(operation, &path_params, answer, &node.id);
    }
    respond(gateway, operation, record).await
}

/// `/nodes/{node}/v1/rest` as the node's name and `/v1/rest`, the latter as it came.
fn split(path: &str) -> Result<(String, &str), Refusal> {
    let rest = path.strip_prefix("/nodes/").unwrap_or_default();
    let at = rest.find('/').unwrap_or(rest.len());
    match percent_decode_str(&rest[..at]).decode_utf8() {
        Ok(name) => Ok((name.into_owned(), &rest[at..])),
        Err(_) => Err(Refusal::new(ErrorCode::InvalidRequest, "the node's name is not percent-encoded UTF-8")),
    }
}

pub(crate) fn ready(gateway: &Gateway, node: &NodeRecord) -> Result<(), Refusal> {
    let refuse = |code, what: &str| {
        Err(Refusal::new(code, format!("node {} {what}", node.name))
            .hint(format!("GET /v1/nodes/{} says more", node.name)))
    };
    match gateway.standing(node) {
        Standing::Ready => Ok(()),
        Standing::Draining => refuse(ErrorCode::Draining, "takes nothing new"),
        Standing::Unreachable => refuse(ErrorCode::NodeUnreachable, "is not connected"),
        Standing::Removed => refuse(ErrorCode::NodeUnreachable, "was removed"),
    }
}

/// Reads the request. An archive on its own is streamed to a file; everything else is taken apart in memory.
async fn read(
    gateway: &Gateway,
    route: Route,
    query: Option<&str>,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<(OperationRequest, Option<BodyRef>), Refusal> {
    let config = &gateway.config;
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let multipart = media.is_some_and(|media| media.trim_start().starts_with("multipart/"));
    if route.operation.body == BodyKind::Archive && media.is_some_and(is_archive) {
        // Says what is wrong with the media type before a long body was taken in.
        let request = decode(route, query, media, Bytes::new()).await?;
        let stored = gateway.blobs.receive(Intake::new(headers, body, config.max_body_bytes)).await?;
        return Ok((request, Some(stored.into_ref())));
    }
    let limit = if multipart { config.max_multipart_bytes } else { config.max_json_bytes };
    let bytes = Intake::new(headers, body, limit as u64).all().await?;
    let mut request = decode(route, query, media, bytes).await?;
    let body = gateway.blobs.refer(std::mem::take(&mut request.body)).await?;
    Ok((request, body))
}

fn new_job(
    gateway: &Gateway,
    node: &NodeRecord,
    operation: &Operation,
    request: OperationRequest,
    body: Option<BodyRef>,
) -> NewJob {
    let asked = request.params.get("timeout_s").and_then(Value::as_f64).filter(|seconds| *seconds > 0.0);
    let timeout = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let timeout = timeout.map_or(USUAL_TIMEOUT, |asked| asked.min(MOST_TIMEOUT) + MARGIN);
    NewJob {
        node_id: Some(node.id.clone()),
        operation: request.operation,
        params: request.params,
        body,
        min_protocol: 2,
        timeout_ms: milliseconds(timeout),
        queue_timeout_ms: milliseconds(gateway.config.relay_queue_timeout),
        // A node begins such a job without saying so. Handing it out again could run it twice.
        max_attempts: if operation.repeatable { 3 } else { 1 },
        repeatable: operation.repeatable,
        durable: false,
        ..NewJob::default()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A job whose caller waits. Dropped before its end (the caller went away), it is cancelled.
struct Pending {
    gateway: Arc<Gateway>,
    record: JobRecord,
    ended: bool,
}

impl Pending {
    async fn enqueue(gateway: &Arc<Gateway>, job: NewJob) -> Result<Self, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let gateway = Arc::clone(gateway);
        // On a task of its own: a caller that goes away in the middle must not leave a job without its guard.
        tokio::spawn(async move {
            let queued = match gateway.store.enqueue(job, unix_ms()).await {
                Ok(Enqueued::New(record) | Enqueued::Existing(record)) => Ok(Self { gateway, record, ended: false }),
                Ok(Enqueued::Mismatch(_)) => {
                    Err(Refusal::internal("the job was not queued", "idempotency without a key"))
                }
                Err(error) => Err(error.into()),
            };
            let _ = sender.send(queued);
        });
        receiver.await.map_err(|gone| Refusal::internal("the job was not queued", gone))?
    }

    /// The job at its end.
    async fn ended(mut self, queue_deadline: Instant) -> Result<JobRecord, Refusal> {
        let id = self.record.id.clone();
        let mut changes = self.gateway.wake.job(&id);
        // The node ends it in time; this is for a node that renews for ever.
        let last_deadline = queue_deadline + Duration::from_millis(self.record.job.timeout_ms) + MARGIN;
        let mut queued = true;
        loop {
            let Some(record) = self.gateway.store.job(&id).await? else {
                self.ended = true;
                return Err(Refusal::new(ErrorCode::Lost, format!("job {id} is no longer known")));
            };
            if record.state.is_terminal() {
                self.ended = true;
                if record.epoch == 0 && record.answer.is_none() && record.state != JobState::Cancelled {
                    return Err(self.never_taken().await);
                }
                return Ok(record);
            }
            queued &= record.state == JobState::Queued;
            let now = Instant::now();
            if queued && now >= queue_deadline {
                // The store decides whether the node was a moment faster; then its answer is waited for.
                if let CancelOutcome::Ended(_) = self.gateway.store.cancel(&id, unix_ms()).await? {
                    self.ended = true;
                    return Err(self.never_taken().await);
                }
                queued = false;
                continue;
            }
            if now >= last_deadline {
                return Err(Refusal::new(ErrorCode::TimedOut, format!("job {id} did not end in its time")));
            }
            tokio::select! {
                () = changes.changed() => {}
                () = tokio::time::sleep_until(if queued { queue_deadline } else { last_deadline }) => {}
                () = self.gateway.leaving(), if queued => {
                    return Err(Refusal::new(ErrorCode::NodeUnreachable, "the gateway ends before the node took it"));
                }
                () = self.gateway.leaving() => {
                    return Err(Refusal::new(ErrorCode::Lost, format!("the gateway ends while job {id} is {}", record.state))
                        .hint("it may have run wholly, partly or not at all; look before asking again"));
                }
            }
        }
    }

    /// Why the node did not take it, as the node is now.
    async fn never_taken(&self) -> Refusal {
        let id = self.record.job.node_id.clone().unwrap_or_default();
        let waited = self.gateway.config.relay_queue_timeout.as_secs();
        match self.gateway.present_node(&id).await.and_then(|node| ready(&self.gateway, &node)) {
            Err(refusal) if refusal.failure.code == ErrorCode::NodeNotFound => {
                Refusal::new(ErrorCode::NodeUnreachable, "the node was removed")
            }
            Err(refusal) => refusal,
            Ok(()) => Refusal::new(ErrorCode::NodeUnreachable, format!("the node had no free slot for {waited} s"))
                .hint(format!("GET /v1/nodes/{id} says more")),
        }
    }
}

impl Gateway {
    /// Ends a little after the gateway was told to: results that are on their way may still come, new ones can not.
    async fn leaving(&self) {
        self.shutdown.draining().cancelled().await;
        tokio::time::sleep(LAST_RESULTS).await;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (store, id) = (Arc::clone(&self.gateway.store), self.record.id.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            match store.cancel(&id, unix_ms()).await {
                Ok(_) => tracing::debug!(job_id = id, "cancelled: its caller waits no longer"),
                Err(error) => tracing::warn!(job_id = id, %error, "cannot cancel the job of a caller that went away"),
            }
        });
    }
}

async fn respond(gateway: &Gateway, operation: &Operation, record: JobRecord) -> Answer {
    // As at the node's own door: a failure before an answer, an answer before the bare state.
    if record.state != JobState::Succeeded && (record.failure.is_some() || record.answer.is_none()) {
        return Err(failure(record).into());
    }
    let value = record.answer.unwrap_or_default();
    let (status, job_id) = success(operation, &value);
    let mut response = match &record.answer_body {
        Some(body) if operation.answer == AnswerKind::Archive => {
            let name = record.job.params.get("id").and_then(Value::as_str).unwrap_or("snapshot");
            attachment(gateway, body, name).await?
        }
        // As it was made at the node, but only once it is whole: a result comes at the end.
        Some(body) => content(gateway, body).await?,
        None => reply(status, &value)?,
    };
    if let Some(job_id) = job_id.and_then(|id| HeaderValue::try_from(id).ok()) {
        response.headers_mut().insert(JOB_ID_HEADER, job_id);
    }
    Ok(response)
}

fn failure(record: JobRecord) -> Failure {
    let code = match record.state {
        JobState::Cancelled => ErrorCode::Cancelled,
        JobState::TimedOut => ErrorCode::TimedOut,
        JobState::Lost => ErrorCode::Lost,
        JobState::Refused => ErrorCode::RefusedByPolicy,
        _ => ErrorCode::Internal,
    };
    let reason = record.reason.unwrap_or_default();
    let told = record.failure.filter(|_| reason != "max_attempts");
    let failure = told.unwrap_or_else(|| match code {
        ErrorCode::Lost => Failure::new(code, format!("the node went away in the middle: {reason}")),
        _ => Failure::new(code, format!("the request ended as {}: {reason}", record.state)),
    });
    if failure.code == ErrorCode::Lost && failure.hint.is_none() {
        return failure.hint("it may have run wholly, partly or not at all; look before asking again");
    }
    failure
}
