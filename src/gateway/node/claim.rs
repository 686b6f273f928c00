//! `POST /register/claim`: has the operator decided? Approved, the answer is a bootstrap's.
//!
//! The node asks every five seconds and gives up at the first error, so "not yet" is an answer like any other. An approved
//! claim may be repeated until the registration expires, because the answer with the token may be lost.

use super::bootstrap::join;
use crate::base::{hash_token, random_token, unix_ms};
use crate::gateway::direct;
use crate::gateway::intake::json;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::NewNode;
use crate::wire::gateway::RegistrationState;
use crate::wire::node::{ClaimRequest, ClaimResponse};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn claim(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let request: ClaimRequest = json(&headers, body, gateway.config.max_json_bytes).await?;
    let secret = hash_token(&request.registration_secret);
    let Some(record) = gateway.store.proved_registration(&request.node_id, &secret, unix_ms()).await? else {
        return Err(Refusal::new(ErrorCode::Unauthorized, "there is no registration of that node and secret")
            .hint("registrations last for 30 minutes, and a newer one of the same machine replaces one that waits"));
    };
    let joined = match record.state {
        RegistrationState::Pending | RegistrationState::Rejected => None,
        RegistrationState::Approved => {
            let token = random_token("msn");
            let node = NewNode {
                id: Some(record.node_id),
                fingerprint: record.fingerprint,
                name: record.name,
                labels: Default::default(),
                token_hash: hash_token(&token),
                version: record.version,
                protocol: 1,
                // Neither is said in a registration; the first heartbeat does.
                slots: 1,
            };
            Some(join(&gateway, "registration", node, direct::closed(), token).await?)
        }
    };
    ok(&ClaimResponse { status: record.state.as_str().to_owned(), joined })
}
