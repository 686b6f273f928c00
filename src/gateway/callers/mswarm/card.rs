//! An agent as the catalogue shows it.

use crate::gateway::config::GatewayConfig;
use crate::gateway::models::{CHAT, Group, ModelCaller, Offer};
use crate::wire::NODE_PREFIX;
use serde_json::{Map, Value, json};

/// What an agent's card has of what its node says.
const SHOWN: [&str; 22] = [
    "adapter",
    "source_agent_slug",
    "upstream_model",
    "public_model_id",
    "display_name",
    "context_window",
    "max_output_tokens",
    "supports_streaming",
    "supports_vision",
    "supports_json_schema",
    "openai_compatible",
    "best_usage",
    "capabilities",
    "cost_per_million",
    "rating",
    "reasoning_rating",
    "max_complexity",
    "metadata_quality",
    "input_modalities",
    "output_modalities",
    "operations",
    "parameter_size",
];

/// One node's agent.
pub(super) fn of_offer(offer: &Offer, caller: &ModelCaller) -> Map<String, Value> {
    let mut card = common(offer, caller);
    let (slug, remote) = (offer.slug(), offer.remote_slug());
    card.insert("slug".into(), slug.clone().into());
    card.insert("agent_slug".into(), slug.clone().into());
    card.insert("remote_slug".into(), remote.clone().into());
    card.insert("default_model".into(), slug.into());
    card.insert("health_status".into(), offer.health().into());
    card.insert("runtime_package_version".into(), offer.node.version.clone().into());
    card.insert("client_allowlist".into(), json!(offer.report.client_allowlist));
    card.insert("client_allowlist_count".into(), offer.report.client_allowlist.len().into());
    card.insert(
        "sync".into(),
        json!({"source": "self_hosted", "node_id": offer.node.id, "server_name": offer.node.name, "remote_slug": remote}),
    );
    card
}

/// An agent that several nodes have: the call goes to whichever is free.
pub(super) fn of_group(group: &Group, caller: &ModelCaller) -> Map<String, Value> {
    let first = &group.members[0];
    let mut card = common(first, caller);
    let (slug, remote) = (group.slug(), group.remote_slug());
    let ids: Vec<&str> = group.members.iter().map(|member| member.node.id.as_str()).collect();
    let health = ["healthy", "unknown", "degraded"];
    let health = health.into_iter().find(|health| group.members.iter().any(|member| member.health() == *health));
    card.insert("slug".into(), slug.clone().into());
    card.insert("agent_slug".into(), slug.clone().into());
    card.insert("remote_slug".into(), remote.clone().into());
    card.insert("default_model".into(), slug.clone().into());
    card.insert("health_status".into(), health.unwrap_or("unreachable").into());
    card.insert("load_balanced".into(), true.into());
    card.insert("load_balanced_group_id".into(), slug.into());
    card.insert("member_count".into(), ids.len().into());
    card.insert("candidate_node_ids".into(), json!(ids));
    card.insert("canonical_agent_slug".into(), group.agent_slug.clone().into());
    card.insert("canonical_model_id".into(), first.agent.model_id().into());
    card.insert("execution_class".into(), "chat".into());
    card.insert("sync".into(), json!({"source": "self_hosted", "remote_slug": remote}));
    card
}

/// What a single agent's answer has beside its card.
pub(super) fn details(card: &mut Map<String, Value>, offer: &Offer) {
    let cost = offer.agent.value("cost_per_million");
    card.insert("pricing".into(), json!({"cost_per_million": cost, "cost_cents": 0}));
    card.insert("supported_parameters".into(), offer.agent.parameters(CHAT));
    let status = if offer.health() == "unreachable" { "unreachable" } else { "available" };
    card.insert("status".into(), status.into());
}

fn common(offer: &Offer, caller: &ModelCaller) -> Map<String, Value> {
    let agent = &offer.agent;
    let mut card = Map::new();
    card.insert(
        "provider".into(),
        if agent.text("provider").is_empty() { "mcoda" } else { agent.text("provider") }.into(),
    );
    card.insert("model_id".into(), agent.model_id().into());
    card.insert("supports_tools".into(), (agent.value("supports_tools") == true).into());
    for name in SHOWN {
        let value = agent.value(name);
        if !value.is_null() {
            card.insert(name.into(), value);
        }
    }
    card.insert("relay".into(), relay());
    if let Some(client) = caller.client() {
        card.insert("client_identity".into(), client.into());
    }
    card
}

/// Where the node's own calls go: consumers take an agent without these for one that does not work.
fn relay() -> Value {
    json!({
        "gateway_base_url": null,
        "jobs_poll_path": format!("{NODE_PREFIX}/jobs/poll"),
        "jobs_start_path_template": format!("{NODE_PREFIX}/jobs/:jobId/start"),
        "jobs_events_path_template": format!("{NODE_PREFIX}/jobs/:jobId/events"),
        "jobs_result_path_template": format!("{NODE_PREFIX}/jobs/:jobId/result"),
    })
}

/// How long a node may be silent, for those who show it.
pub(super) fn timeout_ms(config: &GatewayConfig) -> i64 {
    i64::try_from(config.heartbeat_timeout.as_millis()).unwrap_or(i64::MAX)
}
