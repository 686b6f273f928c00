//! `/nodes/{node}/v1/…`: the third door. A request becomes a job of its node, and the job's answer the response, so that a
//! client of `/v1` cannot tell it from the node's own door.

mod answer;
mod pending;
mod request;

use super::nodes::Standing;
use crate::gateway::direct::through_door;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NewJob, NodeRecord};
use crate::wire::gateway::Scope;
use crate::wire::node::BodyRef;
use crate::wire::v1::http::route;
use crate::wire::v1::{ErrorCode, Operation, OperationRequest};
use axum::extract::{Request, State};
use pending::Pending;
use percent_encoding::percent_decode_str;
use request::{Upload, read};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The longest time limit that counts; also that of a request that names none, because its caller can go away.
const MOST_TIMEOUT: Duration = Duration::from_secs(30 * 86_400);
/// What a request that names one gets on top: the node ends it first, and its answer is the better one.
const MARGIN: Duration = Duration::from_secs(30);

pub(crate) async fn relay(State(gateway): State<Arc<Gateway>>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    gateway.authorize(&parts.headers, &[Scope::Call]).await?;
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
    let node = gateway.present_node(&name).await?;
    ready(&gateway, &node)?;
    let body = match through_door(&gateway, &node, &parts, body).await {
        Ok(response) => return Ok(response),
        Err(body) => body,
    };
    let (request, body) = read(&gateway, route, parts.uri.query(), &parts.headers, body).await?;
    let (body, upload) = body.into_parts();
    let (streams, reader) = gateway.streams.open(upload.is_some());
    let job = NewJob { id: Some(streams.job_id.clone()), ..new_job(&gateway, &node, operation, request, body) };
    let upload = upload.map(|intake| Upload::start(streams.stream.clone(), intake));
    let pending = Pending::enqueue(&gateway, job).await?;
    answer::answer(gateway, operation, pending, streams, reader, upload).await
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

fn ready(gateway: &Gateway, node: &NodeRecord) -> Result<(), Refusal> {
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

fn new_job(
    gateway: &Gateway,
    node: &NodeRecord,
    operation: &Operation,
    request: OperationRequest,
    body: Option<BodyRef>,
) -> NewJob {
    let asked = request.params.get("timeout_s").and_then(Value::as_f64).filter(|seconds| *seconds > 0.0);
    let timeout = asked.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let timeout = timeout.map_or(MOST_TIMEOUT, |asked| asked.min(MOST_TIMEOUT) + MARGIN);
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
