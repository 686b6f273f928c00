//! `DELETE /v1/nodes/{id}`: removes a node; from now on it gets 410. Joining again brings it back.

use super::unknown;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn remove(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let node = gateway.store.node(&id).await?.ok_or_else(|| unknown(&id))?;
    gateway.remove_node(&node.id, &by.id).await?;
    tracing::info!(node_id = node.id, "node removed");
    let node = gateway.store.node(&node.id).await?.ok_or_else(|| unknown(&id))?;
    ok(&gateway.node_view(node).await?)
}
