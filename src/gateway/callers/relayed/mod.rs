//! `/nodes/{node}/v1/…`: the third door. A request becomes a job of its node, and the job's answer the response, so that a
//! client of `/v1` cannot tell it from the node's own door.

mod answer;
mod pending;
mod place;
mod request;

use super::nodes::Standing;
use crate::gateway::direct::through_door;
use crate::gateway::promise::Promise;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::selection::{from_node, select};
use crate::gateway::shared::Gateway;
use crate::gateway::store::{KeyRecord, NewJob, NodeRecord};
use crate::wire::gateway::Scope;
use crate::wire::node::BodyRef;
use crate::wire::v1::http::{Route, route};
use crate::wire::v1::{ErrorCode, Operation, OperationRequest};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use pending::Pending;
use percent_encoding::percent_decode_str;
use place::Place;
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
    let (node, promise) = select(&gateway, &key, &name, operation, &route.params).await?;
    let answer = carry(gateway, &key, &node, promise, route, parts, body).await;
    from_node(&node, answer)
}

/// Has the node answer it: directly where that can be, else by a job.
async fn carry(
    gateway: Arc<Gateway>,
    key: &KeyRecord,
    node: &NodeRecord,
    promise: Option<Promise>,
    route: Route,
    parts: Parts,
    body: Body,
) -> Answer {
    let place = Place { operation: route.operation, params: route.params.clone(), node_id: node.id.clone() };
    let body = match through_door(&gateway, node, &parts, body).await {
        Ok(response) => return place.learn_from(&gateway, response).await,
        Err(body) => body,
    };
    let (request, body) = read(&gateway, route, parts.uri.query(), &parts.headers, body).await?;
    let (body, upload) = body.into_parts();
    let (streams, reader) = gateway.streams.open(upload.is_some());
    let job = new_job(&gateway, node, place.operation, request, body);
    let job = NewJob { id: Some(streams.job_id.clone()), caller: Some(key.id.clone()), ..job };
    let upload = upload.map(|intake| Upload::start(streams.stream.clone(), intake));
    let pending = Pending::enqueue(&gateway, job).await?;
    promise.into_iter().for_each(Promise::queued);
    answer::answer(gateway, place, pending, streams, reader, upload).await
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
