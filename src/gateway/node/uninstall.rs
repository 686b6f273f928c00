//! `POST /uninstall`: a node leaves. Doing so twice is harmless.

use crate::base::unix_ms;
use crate::gateway::intake::json;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::node::UninstallRequest;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json as object;
use std::sync::Arc;

pub(crate) async fn uninstall(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let caller = gateway.node_of_token(&headers).await?;
    let request: UninstallRequest = json(&headers, body, gateway.config.max_json_bytes).await?;
    caller.named(&request.node_id)?;
    let node_id = &caller.node.id;
    if caller.node.removed_ms.is_none() {
        gateway.remove_node(node_id, node_id).await?;
        tracing::info!(node_id, reason = request.reason, "node uninstalled");
    }
    ok(&object!({"accepted": true, "node": {"node_id": node_id, "status": "removed"}}))
}

impl Gateway {
    /// Removes a node on behalf of a key or of the node itself; false when there is none. Its held polls end with 410.
    pub(crate) async fn remove_node(&self, node_id: &str, by: &str) -> Result<bool, crate::gateway::store::StoreError> {
        let removed = self.store.by(by).remove_node(node_id, unix_ms()).await?;
        self.forget_nodes();
        self.presence.forget(node_id);
        self.wake.node_changed(node_id);
        Ok(removed)
    }
}
