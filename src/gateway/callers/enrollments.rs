//! `POST /v1/enrollments`: a token with which one node may join once, for nodes that know only that way.

use super::seconds;
use crate::base::{hash_token, mint, random_token, unix_ms};
use crate::gateway::intake::json;
use crate::gateway::node::node_name;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::reply;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NewEnrollment, Store};
use crate::wire::gateway::{CreateEnrollment, CreatedEnrollment, Scope};
use crate::wire::v1::{ErrorCode, Failure};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

const USUAL_TTL_S: u64 = 3_600;

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let wanted: CreateEnrollment = json(&headers, body, gateway.config.max_json_bytes).await?;
    let created = create_enrollment(gateway.store.by(&by.id).as_ref(), &wanted).await?;
    tracing::info!(node_id = created.node_id, "enrolment created");
    reply(201, &created)
}

/// Makes an enrolment in a store, with or without a gateway that runs on it.
///
/// # Errors
/// For a name or an id that no node can have, or when the store fails.
pub async fn create_enrollment(store: &dyn Store, wanted: &CreateEnrollment) -> Result<CreatedEnrollment, Failure> {
    let failed = |refusal: Refusal| refusal.failure;
    let known = store.node(&wanted.node).await.map_err(|error| failed(error.into()))?;
    let (node_id, name) = match (known, &wanted.node_id) {
        (Some(node), Some(id)) if node.id != *id => {
            let message = format!("node {} has the id {}, not '{id}'", node.name, node.id);
            return Err(Failure::new(ErrorCode::Conflict, message));
        }
        (Some(node), _) => (node.id, node.name),
        (None, Some(id)) if store.node(id).await.map_err(|error| failed(error.into()))?.is_some() => {
            let failure = Failure::new(ErrorCode::Conflict, format!("'{id}' is another node already"));
            return Err(failure.hint("name that node, or give another id"));
        }
        (None, id) => (new_id(id.as_deref())?, node_name(&wanted.node).map_err(failed)?),
    };
    let token = random_token("mse");
    let now = unix_ms();
    let ttl_s = wanted.ttl_s.unwrap_or(USUAL_TTL_S);
    let ttl_ms = i64::try_from(ttl_s).unwrap_or(i64::MAX).saturating_mul(1000);
    let expires_ms = now.saturating_add(ttl_ms);
    let new = NewEnrollment { hash: hash_token(&token), node_id: node_id.clone(), name: name.clone(), expires_ms };
    store.create_enrollment(new, now).await.map_err(|error| failed(error.into()))?;
    Ok(CreatedEnrollment { enrollment_token: token, node_id, name, expires_at: seconds(expires_ms) })
}

fn new_id(given: Option<&str>) -> Result<String, Failure> {
    let Some(id) = given else { return Ok(mint("shn")) };
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if (1..=128).contains(&id.len()) && id.bytes().all(fits) {
        return Ok(id.to_owned());
    }
    Err(Failure::new(ErrorCode::InvalidRequest, format!("'{id}' is not a node's id"))
        .hint("1 to 128 letters, digits, dashes and underscores"))
}
