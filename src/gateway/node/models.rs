//! `POST /models`: accepted. The inventory that counts is the one in every heartbeat.

use crate::gateway::intake::json;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json as object};
use std::sync::Arc;

pub(crate) async fn models(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    gateway.authenticate_node(&headers).await?;
    let _inventory: Value = json(&headers, body, gateway.config.max_json_bytes).await?;
    ok(&object!({"accepted": true}))
}
