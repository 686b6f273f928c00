//! `POST /v1/nodes/{id}/drain` and `/resume`: whether a node shall take new jobs. It is told at once.

use super::unknown;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn drain(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    set(&gateway, &id, &headers, true).await
}

pub(crate) async fn resume(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    set(&gateway, &id, &headers, false).await
}

async fn set(gateway: &Gateway, id: &str, headers: &HeaderMap, drain: bool) -> Answer {
    let by = gateway.authorize(headers, &[Scope::Admin]).await?;
    let node = gateway.store.node(id).await?.ok_or_else(|| unknown(id))?;
    gateway.store.by(&by.id).set_drain(&node.id, drain).await?;
    gateway.forget_nodes();
    gateway.wake.node_changed(&node.id);
    tracing::info!(node_id = node.id, drain, "drain set");
    let node = gateway.store.node(&node.id).await?.ok_or_else(|| unknown(id))?;
    ok(&gateway.node_view(node).await?)
}
