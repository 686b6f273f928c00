//! `GET …/nodes`: the nodes that a caller may use, with their status.

use super::card::timeout_ms;
use super::failure::Failed;
use super::filters;
use crate::gateway::callers::nodes::Standing;
use crate::gateway::models::ModelCaller;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let filters = filters(raw.as_deref());
    let caller = ModelCaller::of(&gateway, &headers, filters.get("client_identity").map(String::as_str)).await?;
    let mut nodes = Vec::new();
    for node in gateway.store.nodes(false).await? {
        let report = gateway.catalog.of(&node.id);
        if !caller.may_use(&node, &report) {
            continue;
        }
        let standing = gateway.standing(&node);
        let away = matches!(standing, Standing::Unreachable | Standing::Removed);
        let status = match standing {
            Standing::Unreachable | Standing::Removed => "unreachable",
            Standing::Ready if node.status == "online" && node.conditions.iter().all(|part| part.ok) => "online",
            Standing::Ready | Standing::Draining => "degraded",
        };
        // A node that was never heard from has not timed out: nobody has started it.
        let timed_out = node.last_beat_ms.filter(|_| away).map(|last| time(last + timeout_ms(&gateway.config)));
        nodes.push(json!({
            "node_id": node.id,
            "server_name": node.name,
            "status": status,
            "relay_mode": if report.relay_mode.is_empty() { "outbound" } else { &report.relay_mode },
            "node_version": node.version,
            "runtime_protocol_version": node.protocol,
            "drain_mode": node.drain || node.draining,
            "max_concurrency": node.slots,
            "active_jobs": gateway.store.active_jobs(&node.id).await?,
            "exposed_model_count": report.agents.len(),
            "client_allowlist_count": report.client_allowlist.len(),
            "capabilities": report.capabilities,
            "created_at": time(node.created_ms),
            "last_seen_at": node.last_beat_ms.map(time),
            "unreachable_at": timed_out,
            "unreachable_reason": timed_out.as_ref().map(|_| "heartbeat_timeout"),
            "heartbeat_timed_out_at": timed_out,
        }));
    }
    Ok(ok(&json!({"nodes": nodes}))?)
}

/// ISO 8601 UTC with milliseconds, as mswarm has it.
fn time(ms: i64) -> String {
    let at = UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    humantime::format_rfc3339_millis(at).to_string()
}
