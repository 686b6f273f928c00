//! `POST /v1/jobs`: queues a job. 202 with the job, 200 when its idempotency key was used before with the same request.

use super::agent;
use crate::base::{sha256_hex, unix_ms};
use crate::gateway::blobs::INLINE_BYTES;
use crate::gateway::intake::json;
use crate::gateway::places::bound;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::reply;
use crate::gateway::selection::{Wanted, wanted};
use crate::gateway::shared::Gateway;
use crate::gateway::store::{Enqueued, KeyRecord, NewJob, NodeRecord};
use crate::wire::gateway::{BodyInput, Scope, SubmitJob};
use crate::wire::node::BodyRef;
use crate::wire::v1::{ErrorCode, Operation};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// The longest time that a job may be given, seconds.
const MOST_S: f64 = 30.0 * 86_400.0;

/// The most labels that a job may ask for.
const MOST_LABELS: usize = 64;
/// The longest name or value of a label, bytes.
const LONGEST_LABEL: usize = 256;

pub(crate) async fn submit(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call]).await?;
    let mut request: SubmitJob = json(&headers, body, gateway.config.max_json_bytes).await?;
    let idempotency_key = idempotency_key(&headers, request.idempotency_key.take())?;
    let idempotency = idempotency_key.map(|name| (key.id.clone(), name, fingerprint(&request)));
    let job = NewJob { idempotency, ..accept(&gateway, &key, request).await? };
    let (status, record) = match gateway.store.enqueue(job, unix_ms()).await? {
        Enqueued::New(record) => (202, record),
        Enqueued::Existing(record) => (200, record),
        Enqueued::Mismatch(other) => {
            let message = format!("the idempotency key was used for job {other} with another request");
            return Err(Refusal::new(ErrorCode::IdempotencyMismatch, message).hint("use a new key for a new request"));
        }
    };
    reply(status, &gateway.job_view(record).await?)
}

/// Checks a request and makes the job of it.
async fn accept(gateway: &Gateway, key: &KeyRecord, mut request: SubmitJob) -> Result<NewJob, Refusal> {
    let operation = Operation::named(&request.operation);
    if operation.is_none() && !agent::is_kind(&request.operation) {
        let message = format!("'{}' is not an operation that this version knows", request.operation);
        return Err(Refusal::new(ErrorCode::UnsupportedOperation, message).hint("e.g. workspaces.execute"));
    }
    if operation.is_some_and(|operation| !operation.remote) {
        let message = format!("{} cannot be asked for through a gateway", request.operation);
        return Err(Refusal::new(ErrorCode::Forbidden, message));
    }
    let timeout_ms = milliseconds("timeout_s", request.timeout_s, 3_600.0)?;
    let queue_timeout_ms = milliseconds("queue_timeout_s", request.queue_timeout_s, 86_400.0)?;
    let priority = request.priority.unwrap_or_default();
    if !(-100..=100).contains(&priority) {
        return Err(invalid(format!("priority is {priority}, not −100 to 100")));
    }
    let max_attempts = request.max_attempts.unwrap_or(3);
    if !(1..=100).contains(&max_attempts) {
        return Err(invalid(format!("max_attempts is {max_attempts}, not 1 to 100")));
    }
    let mut node = node_of(gateway, key, operation, &mut request).await?;
    if request.labels.len() > MOST_LABELS {
        // Every claim of every node looks at the labels of what is queued.
        return Err(invalid(format!("there are {} labels, more than {MOST_LABELS}", request.labels.len())));
    }
    if let Some(long) =
        request.labels.iter().flat_map(|(name, value)| [name, value]).find(|text| text.len() > LONGEST_LABEL)
    {
        return Err(invalid(format!("a label's name or value has {} bytes, more than {LONGEST_LABEL}", long.len())));
    }
    if operation.is_none() {
        node = Some(agent::place(gateway, key, &mut request, node.as_deref()).await?);
    }
    let body = match request.body.take() {
        Some(body) => body_ref(gateway, body).await?,
        None => None,
    };
    Ok(NewJob {
        id: None,
        caller: Some(key.id.clone()),
        node_id: node.map(|node| node.id.clone()),
        labels: request.labels,
        operation: request.operation,
        params: request.params,
        body,
        min_protocol: if operation.is_some() { 2 } else { 1 },
        priority,
        timeout_ms,
        queue_timeout_ms,
        max_attempts,
        repeatable: request.repeatable.unwrap_or(operation.is_some_and(|operation| operation.repeatable)),
        durable: true,
        idempotency: None,
    })
}

/// The node that a submission names. `any;gpu=true` names none: its labels join those of the request.
async fn node_of(
    gateway: &Gateway,
    key: &KeyRecord,
    operation: Option<&Operation>,
    request: &mut SubmitJob,
) -> Result<Option<Arc<NodeRecord>>, Refusal> {
    key.may_use_some()?;
    let Some(name) = &request.node else { return Ok(None) };
    let labels = match wanted(name)? {
        Wanted::Named(name) => return gateway.usable_node(key, &name).await.map(Some),
        Wanted::Any(labels) => labels,
    };
    for (name, value) in labels {
        if request.labels.get(&name).is_some_and(|other| *other != value) {
            return Err(invalid(format!("node and labels ask for different values of the label {name}")));
        }
        request.labels.insert(name, value);
    }
    match operation.and_then(|operation| Some((operation, bound(operation, &request.params)?))) {
        Some((operation, id)) => gateway.home(key, &request.labels, operation, id).await.map(Some),
        None => Ok(None),
    }
}

impl Gateway {
    /// A node that was not removed.
    pub(crate) async fn present_node(&self, name: &str) -> Result<Arc<NodeRecord>, Refusal> {
        let node = self.node(name).await?;
        if node.removed_ms.is_some() {
            return Err(Refusal::new(ErrorCode::NodeNotFound, format!("node '{name}' was removed from this gateway"))
                .hint("GET /v1/nodes lists those that are there"));
        }
        Ok(node)
    }
}

async fn body_ref(gateway: &Gateway, body: BodyInput) -> Result<Option<BodyRef>, Refusal> {
    let bytes = match body {
        BodyInput::Text(text) => text.into_bytes(),
        BodyInput::Base64 { base64 } => {
            STANDARD.decode(base64).map_err(|wrong| invalid(format!("body.base64 is not base64: {wrong}")))?
        }
        BodyInput::Blob { sha256 } => {
            let Some(stored) = gateway.blobs.find(&sha256).await? else {
                return Err(invalid(format!("there is no blob {sha256}")).hint("upload it first with PUT /v1/blobs"));
            };
            if stored.size > INLINE_BYTES as u64 {
                return Ok(Some(stored.into_ref()));
            }
            gateway.blobs.read(&sha256).await?
        }
    };
    gateway.blobs.refer(bytes.into()).await
}

fn idempotency_key(headers: &HeaderMap, field: Option<String>) -> Result<Option<String>, Refusal> {
    let header = match headers.get("idempotency-key").map(|value| value.to_str()) {
        Some(Ok(value)) => Some(value.trim().to_owned()),
        Some(Err(_)) => return Err(invalid("the header Idempotency-Key is not plain text".to_owned())),
        None => None,
    };
    let key = match (header, field) {
        (Some(header), Some(field)) if header != field => {
            return Err(invalid("the header Idempotency-Key and the field idempotency_key differ".to_owned()));
        }
        (header, field) => header.or(field),
    };
    match key {
        Some(key) if key.is_empty() || key.len() > 255 => {
            Err(invalid("an idempotency key has 1 to 255 bytes".to_owned()))
        }
        key => Ok(key),
    }
}

/// The same for two requests that ask for the same, whatever the order of their fields.
fn fingerprint(request: &SubmitJob) -> String {
    let mut value = serde_json::to_value(request).unwrap_or_default();
    value.sort_all_objects();
    sha256_hex(value.to_string().as_bytes())
}

fn milliseconds(name: &str, seconds: Option<f64>, usual: f64) -> Result<u64, Refusal> {
    let seconds = seconds.unwrap_or(usual);
    if !(seconds > 0.0 && seconds <= MOST_S) {
        return Err(invalid(format!("{name} is {seconds}, not more than 0 and at most {MOST_S} seconds")));
    }
    Ok((seconds * 1000.0).ceil() as u64)
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, message)
}
