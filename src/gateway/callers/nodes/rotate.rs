//! `POST /v1/nodes/{id}/rotate`: a new token for a node, told in its next heartbeats until it is used.

use super::unknown;
use crate::base::{Secret, hash_token, random_token};
use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use crate::wire::v1::ErrorCode;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn rotate(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let node = gateway.store.node(&id).await?.ok_or_else(|| unknown(&id))?;
    if node.removed_ms.is_some() {
        return Err(Refusal::new(ErrorCode::NodeRemoved, format!("node {} was removed", node.id)));
    }
    if node.protocol < 2 {
        return Err(Refusal::new(ErrorCode::UnsupportedOperation, format!("node {} speaks protocol 1", node.id))
            .hint("such a node gets a new token only by being set up again"));
    }
    let token = Secret::new(random_token("msn"));
    gateway.store.by(&by.id).rotate_token(&node.id, &hash_token(token.expose())).await?;
    // In memory only: after a restart of the gateway the old token still works, and the operator rotates again.
    gateway.presence.rotate(&node.id, token);
    gateway.forget_nodes();
    tracing::info!(node_id = node.id, "token rotated");
    ok(&gateway.node_view(node).await?)
}
