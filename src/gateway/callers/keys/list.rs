//! `GET /v1/keys`: all keys, newest first, never the keys themselves.

use super::view;
use crate::base::unix_ms;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::{KeyView, Scope};
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Answer {
    gateway.authorize(&headers, &[Scope::Admin]).await?;
    let now = unix_ms();
    let items: Vec<KeyView> = gateway.store.keys().await?.into_iter().map(|record| view(record, now)).collect();
    ok(&json!({"items": items}))
}
