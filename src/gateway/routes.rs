//! Every route of the gateway.

use super::frame::{frame, method_not_allowed, not_found};
use super::refusal::Answer;
use super::shared::Gateway;
use super::{callers, node};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post, put};
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// The whole surface.
pub(crate) fn routes(gateway: Arc<Gateway>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .nest(crate::wire::NODE_PREFIX, node_routes())
        .nest(callers::mswarm::PREFIX, callers::mswarm::routes())
        .route("/v1/jobs", post(callers::jobs::submit).get(callers::jobs::list))
        .route("/v1/jobs/{id}", get(callers::jobs::get).delete(callers::jobs::cancel))
        .route("/v1/jobs/{id}/wait", post(callers::jobs::wait))
        .route("/v1/jobs/{id}/events", get(callers::jobs::events))
        .route("/v1/jobs/{id}/body", get(callers::jobs::body))
        .route("/v1/blobs", put(callers::blobs::upload))
        .route("/v1/nodes", get(callers::nodes::list))
        .route("/v1/nodes/{id}", get(callers::nodes::get).patch(callers::nodes::edit).delete(callers::nodes::remove))
        .route("/v1/nodes/{id}/drain", post(callers::nodes::drain))
        .route("/v1/nodes/{id}/resume", post(callers::nodes::resume))
        .route("/v1/nodes/{id}/rotate", post(callers::nodes::rotate))
        .route("/v1/nodes/{id}/restore", post(callers::nodes::restore))
        .route("/v1/registrations", get(callers::registrations::list))
        .route("/v1/registrations/{code}/approve", post(callers::registrations::approve))
        .route("/v1/registrations/{code}/reject", post(callers::registrations::reject))
        .route("/v1/enrollments", post(callers::enrollments::create))
        .route("/v1/keys", post(callers::keys::create).get(callers::keys::list))
        .route("/v1/keys/{id}", delete(callers::keys::revoke))
        .route(
            "/v1/keys/{id}/grants",
            get(callers::keys::list_grants).post(callers::keys::add).delete(callers::keys::lift),
        )
        .route("/v1/keys/{id}/grants/remove", post(callers::keys::remove))
        .route("/v1/audit", get(callers::audit::list))
        .route("/nodes/{node}/v1/{*rest}", any(callers::relayed::relay))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(frame))
        // Every handler reads its body within its own limit.
        .layer(DefaultBodyLimit::disable())
        .with_state(gateway)
}

fn node_routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/bootstrap", post(node::bootstrap).get(node::check_key))
        .route("/register", post(node::register))
        .route("/register/claim", post(node::claim))
        .route("/enroll", post(node::enroll))
        .route("/heartbeat", post(node::heartbeat))
        .route("/models", post(node::models))
        .route("/jobs/poll", post(node::poll))
        .route("/jobs/renew", post(node::renew))
        .route("/jobs/release", post(node::release))
        .route("/jobs/{id}/start", post(node::start))
        .route("/jobs/{id}/events", post(node::events))
        .route("/jobs/{id}/result", post(node::result))
        .route("/jobs/{id}/body", get(node::body))
        .route("/jobs/{id}/answer", put(node::answer))
        .route("/jobs/{id}/result-body", put(node::result_body))
        .route("/self", get(node::own))
        .route("/uninstall", post(node::uninstall))
}

async fn healthz() -> Answer {
    ok(&json!({"status": "ok"}))
}

/// 200 with JSON.
pub(crate) fn ok(value: &impl Serialize) -> Answer {
    reply(200, value)
}

/// A status with JSON.
pub(crate) fn reply(status: u16, value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value)
        .map_err(|error| super::refusal::Refusal::internal("the answer could not be written", error))?;
    let mut response: Response = axum::body::Body::from(body).into_response();
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, axum::http::HeaderValue::from_static("application/json"));
    Ok(response)
}
