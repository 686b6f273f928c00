//! `GET /self`: a node asks how it stands. Nothing about it changes: it does not count as a sign of life.

use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::node::OwnNode;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn own(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let node = &caller.node;
    let (drain, draining, instance_id) = (node.drain, node.draining, node.instance_id.clone());
    let view = gateway.node_view(node.as_ref().clone()).await?;
    ok(&OwnNode {
        node_id: view.id,
        name: view.name,
        status: view.state,
        drain,
        draining,
        instance_id,
        last_seen_ms: view.last_seen_ms,
        heartbeat_interval_seconds: Some(gateway.config.heartbeat_interval.as_secs().max(1)),
    })
}
