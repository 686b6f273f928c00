//! `POST /v1/nodes/{id}/restore`: takes a removal back. The node's own token works again; jobs that were moved stay moved.

use super::unknown;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn restore(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let node = gateway.store.node(&id).await?.ok_or_else(|| unknown(&id))?;
    gateway.store.by(&by.id).restore_node(&node.id, unix_ms()).await?;
    gateway.forget_nodes();
    tracing::info!(node_id = node.id, "node restored");
    let node = gateway.store.node(&node.id).await?.ok_or_else(|| unknown(&id))?;
    ok(&gateway.node_view(node).await?)
}
