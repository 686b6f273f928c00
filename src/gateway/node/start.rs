//! `POST /jobs/{id}/start`: whether the node may begin.

use super::stale;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::StartOutcome;
use crate::wire::node::{StartRequest, StartResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn start(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &StartRequest| &request.node_id)
        .await?;
    caller.current(request.instance_id.as_deref())?;
    let ttl_ms = gateway.lease_ttl_ms();
    let outcome = gateway.store.start(&job_id, &caller.node.id, request.epoch, ttl_ms, unix_ms()).await?;
    match outcome {
        StartOutcome::Started { cancel_requested } => {
            if cancel_requested {
                // It begins nevertheless and is told with the next reply, so that it ends with a result of its own.
                gateway.presence.expect_cancels(&caller.node.id);
            }
            ok(&StartResponse { accepted: true, status: "started".to_owned(), ttl_ms: Some(ttl_ms) })
        }
        StartOutcome::Stale | StartOutcome::Unknown => Err(stale(&job_id)),
    }
}
