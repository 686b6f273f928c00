//! How a node's call begins: whose token came with it, what it says, and that the two are of the same node.

use crate::gateway::auth::NodeCaller;
use crate::gateway::intake::json;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;

impl Gateway {
    /// The caller and its request; `node_id` says which node the request names.
    pub(super) async fn node_call<T: DeserializeOwned>(
        &self,
        headers: &HeaderMap,
        body: Body,
        max_bytes: usize,
        node_id: fn(&T) -> &str,
    ) -> Result<(NodeCaller, T), Refusal> {
        let caller = self.authenticate_node(headers).await?;
        let request: T = json(headers, body, max_bytes).await?;
        caller.named(node_id(&request))?;
        Ok((caller, request))
    }
}
