//! `POST /v1/keys`: a new key. The answer is the only place that ever holds it.

use super::{resolve, view};
use crate::base::{hash_token, random_token, unix_ms};
use crate::gateway::intake::json;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::reply;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NewKey, Store, StoreError};
use crate::wire::gateway::{CreateKey, CreatedKey, Scope};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let mut wanted: CreateKey = json(&headers, body, gateway.config.max_json_bytes).await?;
    if wanted.scopes.is_empty() {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "a key needs at least one scope")
            .hint("scopes are enroll, call and admin"));
    }
    if wanted.uses == Some(0) || wanted.ttl_s == Some(0) {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "a key with no uses or no time could never be used"));
    }
    if wanted.grants.is_some() {
        if wanted.scopes.contains(&Scope::Admin) {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "a key of scope admin cannot be limited to nodes")
                .hint("it could lift the limit itself: make a key for calls and one for administration"));
        }
        for grant in wanted.grants.iter_mut().flatten() {
            *grant = resolve(gateway.store.as_ref(), std::mem::take(grant)).await??;
        }
    }
    let created = create_key(gateway.store.by(&by.id).as_ref(), &wanted).await?;
    tracing::info!(key_id = created.view.id, "key created");
    reply(201, &created)
}

/// Makes a key in a store, with or without a gateway that runs on it. Its grants name nodes by id.
///
/// # Errors
/// When the store fails.
pub async fn create_key(store: &dyn Store, wanted: &CreateKey) -> Result<CreatedKey, StoreError> {
    let key = random_token("msw");
    let now = unix_ms();
    let mut scopes: Vec<Scope> = wanted.scopes.clone();
    scopes.sort();
    scopes.dedup();
    let ttl_ms = wanted.ttl_s.map(|ttl| i64::try_from(ttl).unwrap_or(i64::MAX).saturating_mul(1000));
    let record = NewKey {
        hash: hash_token(&key),
        scopes,
        label: wanted.label.clone(),
        expires_ms: ttl_ms.map(|ttl| now.saturating_add(ttl)),
        uses: wanted.uses,
        grants: wanted.grants.clone(),
    };
    Ok(CreatedKey { key, view: view(store.create_key(record, now).await?, now) })
}
