//! `POST /bootstrap`: a key of scope `enroll` buys a node its own token. `GET /bootstrap` says whether a key could.

use crate::base::{hash_token, random_token, unix_ms};
use crate::gateway::direct;
use crate::gateway::intake::json;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::selection::ANY;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NewNode, NodeDoor};
use crate::wire::gateway::Scope;
use crate::wire::node::{BootstrapRequest, BootstrapResponse, KeyAnswer, NodeIdentity, RelayPaths};
use crate::wire::v1::ErrorCode;
use crate::wire::{NODE_PREFIX, PROTOCOL};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn bootstrap(State(gateway): State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Answer {
    let request: BootstrapRequest = json(&headers, body, gateway.config.max_json_bytes).await?;
    // Checked before a use of the key is spent.
    check_fingerprint(&request.machine_fingerprint)?;
    let name = if request.server_name.is_empty() { &request.label } else { &request.server_name };
    let name = node_name(name)?;
    let door = direct::asked(&gateway.config, &request);
    let by = gateway.authorize(&headers, &[Scope::Enroll]).await?;
    let token = random_token("msn");
    let node = NewNode {
        id: None,
        fingerprint: request.machine_fingerprint,
        name,
        labels: request.labels,
        token_hash: hash_token(&token),
        version: request.node_version,
        protocol: request.runtime_protocol_version.unwrap_or(1).clamp(1, PROTOCOL),
        slots: request.max_concurrent_jobs,
    };
    ok(&join(&gateway, &by.id, node, door, token).await?)
}

/// The node joins, and this is what it is told.
pub(super) async fn join(
    gateway: &Gateway,
    by: &str,
    node: NewNode,
    door: NodeDoor,
    token: String,
) -> Result<BootstrapResponse, Refusal> {
    let relay_mode = if door.url.is_some() { "direct" } else { "outbound" };
    let (node, created) = gateway.store.by(by).join_node(node, unix_ms()).await?;
    gateway.presence.rotated(&node.id);
    let secret = door.secret.expose().to_owned();
    gateway.keep_door(&node.id, door).await?;
    gateway.forget_nodes();
    tracing::info!(node_id = node.id, name = node.name, created, "node joined");
    Ok(BootstrapResponse {
        created,
        enrolled: true,
        node: NodeIdentity { node_id: node.id, server_name: Some(node.name), relay_mode: Some(relay_mode.to_owned()) },
        runtime_token: token,
        heartbeat_interval_seconds: Some(gateway.config.heartbeat_interval.as_secs().max(1)),
        heartbeat_timeout_seconds: Some(gateway.config.heartbeat_timeout.as_secs().max(1)),
        config_version: Some(1),
        relay: Some(RelayPaths {
            // Whatever mode it asked for, it may poll: the relay is the way when the direct one is closed.
            mode: Some("outbound".to_owned()),
            gateway_base_url: None,
            jobs_poll_path: Some(format!("{NODE_PREFIX}/jobs/poll")),
            jobs_start_path_template: Some(format!("{NODE_PREFIX}/jobs/:jobId/start")),
            jobs_events_path_template: Some(format!("{NODE_PREFIX}/jobs/:jobId/events")),
            jobs_result_path_template: Some(format!("{NODE_PREFIX}/jobs/:jobId/result")),
        }),
        runtime_protocol_version: Some(PROTOCOL),
        invocation_signing_secret: Some(secret),
    })
}

pub(crate) async fn check_key(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Answer {
    let scope = Scope::Enroll;
    ok(&match gateway.look_at_key(&headers, scope).await {
        Ok(key) => KeyAnswer { ok: true, scope, uses_left: key.uses_left, problem: None },
        Err(refusal) if matches!(refusal.failure.code, ErrorCode::Unauthorized | ErrorCode::Forbidden) => {
            KeyAnswer { ok: false, scope, uses_left: None, problem: Some(refusal.failure.message) }
        }
        Err(refusal) => return Err(refusal),
    })
}

pub(super) fn check_fingerprint(fingerprint: &str) -> Result<(), Refusal> {
    let digits = fingerprint.strip_prefix("sha256:").unwrap_or_default();
    if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Refusal::new(ErrorCode::InvalidRequest, "machine_fingerprint is not `sha256:` and 64 hex digits"))
}

pub(crate) fn node_name(name: &str) -> Result<String, Refusal> {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.');
    let known = name.to_ascii_lowercase();
    if (1..=80).contains(&name.len()) && name.bytes().all(fits) && known != ANY && !known.starts_with("shn_") {
        return Ok(known);
    }
    let text =
        format!("'{name}' cannot be a node's name: it takes 1 to 80 letters, digits, dashes, underscores and dots");
    Err(Refusal::new(ErrorCode::InvalidRequest, text + "; `any` stands for every node, and ids begin with shn_"))
}
