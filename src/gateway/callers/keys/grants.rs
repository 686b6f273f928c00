//! `/v1/keys/{id}/grants`: which nodes a key may use. `GET` says it, `POST` adds one, `POST …/remove` takes one back, `DELETE`
//! lifts the limit. A change counts for requests that begin after its answer, and for queued jobs when they are handed out.

use crate::base::unix_ms;
use crate::gateway::intake::{Id, json};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{GrantChange, GrantOutcome, KeyRecord, Store, StoreError};
use crate::wire::gateway::{Grant, KeyGrants, Scope};
use crate::wire::v1::{ErrorCode, Failure};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

/// The most labels of a grant.
const MOST_LABELS: usize = 64;
/// The longest name or value of a label, bytes.
const LONGEST_LABEL: usize = 256;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    gateway.authorize(&headers, &[Scope::Admin]).await?;
    let key = gateway.store.keys().await?.into_iter().find(|key| key.id == id).ok_or_else(|| unknown(&id))?;
    ok(&answer(key))
}

pub(crate) async fn add(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap, body: Body) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let grant: Grant = json(&headers, body, gateway.config.max_json_bytes).await?;
    let grant = resolve(gateway.store.as_ref(), grant).await??;
    let limited = gateway.store.keys().await?.into_iter().find(|key| key.id == id).ok_or_else(|| unknown(&id))?;
    if limited.scopes.contains(&Scope::Admin) {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "a key of scope admin cannot be limited to nodes")
            .hint("it could lift the limit itself: make a key for calls and one for administration"));
    }
    change(&gateway, &by, &id, GrantChange::Add(grant)).await
}

pub(crate) async fn remove(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap, body: Body) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let grant: Grant = json(&headers, body, gateway.config.max_json_bytes).await?;
    let grant = resolve(gateway.store.as_ref(), grant).await??;
    change(&gateway, &by, &id, GrantChange::Remove(grant)).await
}

pub(crate) async fn lift(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    change(&gateway, &by, &id, GrantChange::Lift).await
}

async fn change(gateway: &Gateway, by: &KeyRecord, id: &str, change: GrantChange) -> Answer {
    let removes = matches!(change, GrantChange::Remove(_));
    let outcome = gateway.store.by(&by.id).change_grants(id, change, unix_ms()).await?;
    // No request that begins from now on sees the key as it was.
    gateway.forget_keys();
    match outcome {
        GrantOutcome::Changed(key) => {
            tracing::info!(key_id = id, "grants changed");
            ok(&answer(key))
        }
        GrantOutcome::Unchanged(_) if removes => {
            Err(Refusal::new(ErrorCode::NotFound, format!("key {id} has no such grant"))
                .hint(format!("GET /v1/keys/{id}/grants lists them; what is taken back must be named as it was given")))
        }
        GrantOutcome::Unchanged(key) => ok(&answer(key)),
        GrantOutcome::Unknown => Err(unknown(id)),
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::new(ErrorCode::NotFound, format!("there is no key '{id}'")).hint("GET /v1/keys lists them")
}

fn answer(key: KeyRecord) -> KeyGrants {
    KeyGrants { key: key.id, limited: key.grants.is_some(), grants: key.grants.unwrap_or_default() }
}

/// A grant with its node by id, checked. A removed node may still be named: it may come back, or the grant be taken back.
///
/// # Errors
/// When the store fails; inside, when the grant names nothing, too much, or a node that is not there.
pub async fn resolve(store: &dyn Store, grant: Grant) -> Result<Result<Grant, Failure>, StoreError> {
    let invalid = |message: String| Failure::new(ErrorCode::InvalidRequest, message);
    if grant.node.is_none() && grant.labels.is_empty() {
        let failure = invalid("a grant names a node, labels or both".to_owned());
        return Ok(Err(failure.hint("e.g. {\"node\": \"box\"} or {\"labels\": {\"gpu\": \"true\"}}")));
    }
    if grant.labels.len() > MOST_LABELS {
        return Ok(Err(invalid(format!("there are {} labels, more than {MOST_LABELS}", grant.labels.len()))));
    }
    if let Some(long) =
        grant.labels.iter().flat_map(|(name, value)| [name, value]).find(|text| text.len() > LONGEST_LABEL)
    {
        let message = format!("a label's name or value has {} bytes, more than {LONGEST_LABEL}", long.len());
        return Ok(Err(invalid(message)));
    }
    let node = match grant.node {
        None => None,
        Some(name) => match store.node(&name).await? {
            Some(node) => Some(node.id),
            None => {
                let failure = Failure::new(ErrorCode::NodeNotFound, format!("there is no node '{name}'"));
                return Ok(Err(failure.hint("a grant by name needs a node that has joined; one by labels does not")));
            }
        },
    };
    Ok(Ok(Grant { node, labels: grant.labels }))
}
