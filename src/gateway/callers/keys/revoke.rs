//! `DELETE /v1/keys/{id}`: ends a key at once. Answer: the key as it is listed now.

use super::view;
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

pub(crate) async fn revoke(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let now = unix_ms();
    let known = gateway.store.by(&by.id).revoke_key(&id, now).await?;
    // No request that begins from now on finds the key good.
    gateway.forget_keys();
    let record = gateway.store.keys().await?.into_iter().find(|record| record.id == id);
    match record.filter(|_| known) {
        Some(record) => {
            tracing::info!(key_id = id, "key revoked");
            ok(&view(record, now))
        }
        None => {
            Err(Refusal::new(ErrorCode::NotFound, format!("there is no key '{id}'")).hint("GET /v1/keys lists them"))
        }
    }
}
