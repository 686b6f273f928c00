//! `POST /enroll` (legacy): a token that an operator made for one node buys that node its runtime token, once.

use super::bootstrap::join;
use crate::base::{hash_token, random_token, unix_ms};
use crate::gateway::direct;
use crate::gateway::intake::json;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{EnrollmentCheck, NewNode};
use crate::wire::node::EnrollRequest;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn enroll(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let request: EnrollRequest = json(&headers, body, gateway.config.max_json_bytes).await?;
    let hash = hash_token(&request.enrollment_token);
    let name = match gateway.store.take_enrollment(&request.node_id, &hash, unix_ms()).await? {
        EnrollmentCheck::Good { name } => name,
        EnrollmentCheck::Bad => {
            return Err(Refusal::new(ErrorCode::Unauthorized, "the enrolment token is not good for this node").hint(
                "it works once and for one node; an operator makes a new one with `waypost gateway enrollment create`",
            ));
        }
    };
    // Such a node does not say which machine it is: a known one keeps what is known, a new one is told by its id.
    let known = gateway.store.node(&request.node_id).await?.filter(|node| node.id == request.node_id);
    let token = random_token("msn");
    let node = NewNode {
        id: Some(request.node_id.clone()),
        fingerprint: known
            .as_ref()
            .map_or_else(|| format!("enrolled:{}", request.node_id), |node| node.fingerprint.clone()),
        name,
        labels: Default::default(),
        token_hash: hash_token(&token),
        version: known.as_ref().map(|node| node.version.clone()).unwrap_or_default(),
        protocol: 1,
        slots: known.map_or(1, |node| node.slots),
    };
    ok(&join(&gateway, "enrollment", node, direct::closed(), token).await?)
}
