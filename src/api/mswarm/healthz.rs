//! `GET /healthz`: the node is there. Open to all.

use super::options::MswarmOptions;
use super::refusal::json_response;
use axum::body::Body;
use hyper::Response;
use serde_json::json;

pub(super) fn answer(options: &MswarmOptions) -> Response<Body> {
    let health = json!({ "service": "mswarm-self-hosted-node", "status": "ok", "node_id": options.node_id });
    json_response(200, &health)
}
