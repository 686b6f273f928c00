//! `POST /v1/nodes/{id}/restore`: takes a removal back. The node's own token works again; jobs that were moved stay moved.

use super::unknown;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use crate::wire::v1::ErrorCode;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

/// How long after its removal a node may be restored. Later it has to be set up again.
const WINDOW_MS: i64 = 30 * 24 * 3_600_000;

pub(crate) async fn restore(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let node = gateway.store.node(&id).await?.ok_or_else(|| unknown(&id))?;
    if node.removed_ms.is_some_and(|removed| removed < unix_ms() - WINDOW_MS) {
        return Err(Refusal::new(ErrorCode::Conflict, format!("node '{id}' was removed more than 30 days ago"))
            .hint("set it up again with an enrolment key"));
    }
    gateway.store.by(&by.id).restore_node(&node.id, unix_ms()).await?;
    gateway.forget_nodes();
    tracing::info!(node_id = node.id, "node restored");
    let node = gateway.store.node(&node.id).await?.ok_or_else(|| unknown(&id))?;
    ok(&gateway.node_view(node).await?)
}
