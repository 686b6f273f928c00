//! `POST /heartbeat`: takes in how a node is, and tells it what it has to know.

use crate::base::unix_ms;
use crate::gateway::auth::{credential, removed, superseded};
use crate::gateway::direct;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{Beat, BeatOutcome, NodeRecord};
use crate::wire::PROTOCOL;
use crate::wire::node::{HeartbeatRequest, HeartbeatResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn heartbeat(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &HeartbeatRequest| &request.node_id)
        .await?;
    if !request.starting {
        caller.current(request.instance_id.as_deref())?;
    }
    // The token that this call has shown, which may be the next one of two.
    let token = credential(&headers)?.unwrap_or_default();
    let found = gateway.catalog.take_in(gateway.store.as_ref(), &request, token).await?;
    let reach = direct::Reach::of(&request);
    let mut beat = beat(request, &caller.node);
    beat.conditions.retain(|own| found.iter().all(|found| found.kind != own.kind));
    beat.conditions.extend(found);
    let (instance_id, starting, protocol) = (beat.instance_id.clone(), beat.starting, beat.protocol);
    let node = match gateway.store.beat(&caller.node.id, beat, unix_ms()).await? {
        BeatOutcome::Kept(node) => gateway.remember_node(&caller.token_hash, node),
        BeatOutcome::Superseded => return Err(superseded(&caller.node.id)),
        BeatOutcome::Removed => return Err(removed(&caller.node.id)),
    };
    if let Some(reach) = reach {
        gateway.move_door(&node.id, reach).await?;
    }
    gateway.presence.beat(&node.id, gateway.config.heartbeat_timeout);
    if starting && instance_id != caller.node.instance_id {
        tracing::info!(node_id = node.id, instance_id, "node started");
        gateway.store.forsake(&node.id, unix_ms()).await?;
        // Polls of the instance before it end now, not when their hold does.
        gateway.wake.node_changed(&node.id);
    }
    let cancel = if protocol >= 2 { gateway.open_cancels(&node.id).await? } else { Vec::new() };
    if !cancel.is_empty() {
        gateway.presence.told(&node.id, &cancel);
    }
    let runtime_token = gateway.presence.rotated_token(&node.id).map(|token| token.expose().to_owned());
    ok(&HeartbeatResponse {
        accepted: true,
        runtime_protocol_version: Some(PROTOCOL),
        heartbeat_interval_seconds: Some(gateway.config.heartbeat_interval.as_secs().max(1)),
        cancel,
        drain: node.drain,
        config: None,
        runtime_token,
    })
}

fn beat(request: HeartbeatRequest, known: &NodeRecord) -> Beat {
    Beat {
        instance_id: request.instance_id,
        starting: request.starting,
        version: request.node_version,
        protocol: request.runtime_protocol_version.clamp(1, PROTOCOL),
        status: if request.status.is_empty() { "online".to_owned() } else { request.status },
        draining: request.runtime.drain_mode || request.capacity.drain_mode == Some(true),
        // Without load reporting a node does not say: what it said when it joined still holds.
        slots: request.capacity.max_concurrency.unwrap_or(known.slots),
        labels: (!request.labels.is_empty()).then_some(request.labels),
        conditions: request.conditions,
    }
}
