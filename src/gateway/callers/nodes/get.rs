//! `GET /v1/nodes/{id or name}`: one node.

use super::unknown;
use crate::gateway::intake::Id;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn get(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let node = gateway.store.node(&id).await?.filter(|node| key.may_use(&node.id, &node.labels));
    let node = node.ok_or_else(|| unknown(&id))?;
    ok(&gateway.node_view(node).await?)
}
