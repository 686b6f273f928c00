//! What an answer says of where things are.

use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::wire::v1::Operation;
use axum::body::{Body, to_bytes};
use axum::http::header;
use axum::response::Response;
use hyper::body::Body as _;
use serde_json::{Map, Value};

/// The longest answer that is read for what it says, bytes: those that name a workspace or a job are short.
const MOST: u64 = 64 << 10;

/// A request, as far as it matters for that.
pub(super) struct Place {
    pub(super) operation: &'static Operation,
    /// Those of its path.
    pub(super) params: Map<String, Value>,
    pub(super) node_id: String,
}

impl Place {
    /// Takes in a success.
    pub(super) fn learn(&self, gateway: &Gateway, answer: &Value) {
        gateway.places.learn(self.operation, &self.params, answer, &self.node_id);
    }

    /// The same from a response that came through a node's own door.
    pub(super) async fn learn_from(&self, gateway: &Gateway, response: Response) -> Answer {
        let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "application/json");
        let is_short = response.body().size_hint().exact().is_some_and(|size| size <= MOST);
        if !(response.status().is_success() && is_json && is_short) {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, MOST as usize).await;
        let bytes = bytes.map_err(|broken| Refusal::internal("the node's answer broke off", broken))?;
        if let Ok(answer) = serde_json::from_slice(&bytes) {
            self.learn(gateway, &answer);
        }
        Ok(Response::from_parts(head, Body::from(bytes)))
    }
}
