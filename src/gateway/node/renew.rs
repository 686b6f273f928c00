//! `POST /jobs/renew`: leases last on.

use crate::base::unix_ms;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::node::{RenewRequest, RenewResponse};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn renew(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_json_bytes, |request: &RenewRequest| &request.node_id)
        .await?;
    caller.current(request.instance_id.as_deref())?;
    let ttl_ms = gateway.lease_ttl_ms();
    let leases = gateway.store.renew(&caller.node.id, &request.leases, ttl_ms, unix_ms()).await?;
    ok(&RenewResponse { leases })
}
