//! `PUT /v1/blobs`: uploads a body that a job will name. Answer: 201 and `{sha256, size}`.

use crate::gateway::intake::Intake;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::reply;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn upload(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    gateway.authorize(&headers, &[Scope::Call]).await?;
    let stored = gateway.blobs.receive(Intake::new(&headers, body, gateway.config.max_body_bytes)).await?;
    reply(201, &json!({"sha256": stored.sha256, "size": stored.size}))
}
