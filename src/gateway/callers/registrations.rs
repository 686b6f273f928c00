//! Nodes that ask to join: `GET /v1/registrations`, `POST /v1/registrations/{code}/approve` and `/reject`.

use super::seconds;
use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{Decided, RegistrationRecord, Store, StoreError};
use crate::wire::gateway::{RegistrationList, RegistrationState, RegistrationView, Scope};
use crate::wire::v1::ErrorCode;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Answer {
    gateway.authorize(&headers, &[Scope::Admin]).await?;
    ok(&registrations(gateway.store.as_ref()).await?)
}

pub(crate) async fn approve(State(gateway): State<Arc<Gateway>>, Id(code): Id, headers: HeaderMap) -> Answer {
    decide(&gateway, &code, true, &headers).await
}

pub(crate) async fn reject(State(gateway): State<Arc<Gateway>>, Id(code): Id, headers: HeaderMap) -> Answer {
    decide(&gateway, &code, false, &headers).await
}

async fn decide(gateway: &Gateway, code: &str, approve: bool, headers: &HeaderMap) -> Answer {
    let by = gateway.authorize(headers, &[Scope::Admin]).await?;
    match decide_registration(gateway.store.by(&by.id).as_ref(), code, approve).await? {
        Decision::Done(view) => {
            tracing::info!(
                code = view.code,
                node_id = view.node_id,
                state = view.state.as_str(),
                "registration decided"
            );
            ok(&view)
        }
        Decision::Otherwise(view) => {
            let message = format!("registration {} is {} already", view.code, view.state.as_str());
            Err(Refusal::new(ErrorCode::Conflict, message).hint("the node's owner can register again"))
        }
        Decision::Unknown => Err(Refusal::new(ErrorCode::NotFound, format!("there is no registration '{code}'"))
            .hint("GET /v1/registrations lists them; they last for 30 minutes")),
    }
}

/// What became of a decision.
#[derive(Debug, Clone)]
pub enum Decision {
    /// It stands so.
    Done(RegistrationView),
    /// It was decided otherwise before.
    Otherwise(RegistrationView),
    /// No registration has that code, or it has expired.
    Unknown,
}

/// All registrations of a store that have not expired, with or without a gateway that runs on it.
///
/// # Errors
/// When the store fails.
pub async fn registrations(store: &dyn Store) -> Result<RegistrationList, StoreError> {
    let mut items = Vec::new();
    for record in store.registrations(unix_ms()).await? {
        items.push(view(store, record).await?);
    }
    Ok(RegistrationList { items })
}

/// Decides, with or without a gateway that runs on the store. Codes are read out: case and spaces do not matter.
///
/// # Errors
/// When the store fails.
pub async fn decide_registration(store: &dyn Store, code: &str, approve: bool) -> Result<Decision, StoreError> {
    let code = code.trim().to_ascii_uppercase();
    Ok(match store.decide_registration(&code, approve, unix_ms()).await? {
        Decided::Now(record) => Decision::Done(view(store, record).await?),
        Decided::Otherwise(record) => Decision::Otherwise(view(store, record).await?),
        Decided::Unknown => Decision::Unknown,
    })
}

async fn view(store: &dyn Store, record: RegistrationRecord) -> Result<RegistrationView, StoreError> {
    let known = match record.state {
        // Once it is approved, the node of that id may be the one that came of it.
        RegistrationState::Approved => None,
        RegistrationState::Pending | RegistrationState::Rejected => store.node(&record.node_id).await?,
    };
    let known = known.filter(|node| node.id == record.node_id);
    Ok(RegistrationView {
        code: record.code,
        handle: record.handle,
        name: record.name,
        node_id: record.node_id,
        replaces: known.map(|node| node.name),
        fingerprint: record.fingerprint,
        version: record.version,
        state: record.state,
        created_at: seconds(record.created_ms),
        expires_at: seconds(record.expires_ms),
    })
}
