//! Jobs for agents, the kinds of protocol 1: they go only where a node says that it has the agent.

use crate::gateway::callers::nodes::Standing;
use crate::gateway::models::{ALIASES, aliases, public_slug};
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{KeyRecord, NodeRecord};
use crate::wire::gateway::SubmitJob;
use crate::wire::v1::ErrorCode;
use serde_json::Value;
use std::sync::Arc;

/// The kinds of jobs that protocol 1 knows.
const KINDS: [&str; 4] = ["chat.completions", "images.generations", "audio.generations", "videos.generations"];

/// A credential that mswarm's gateway hands a node along with one job.
const ATTACHED_KEY: &str = "attached_mswarm_api_key";

/// Whether an operation is one of these kinds.
pub(super) fn is_kind(operation: &str) -> bool {
    KINDS.contains(&operation)
}

/// Finds the node for an agent job and fills in what protocol 1 wants to be told.
pub(super) async fn place(
    gateway: &Gateway,
    key: &KeyRecord,
    request: &mut SubmitJob,
    node: Option<&NodeRecord>,
) -> Result<Arc<NodeRecord>, Refusal> {
    let params = &mut request.params;
    if !params.get("openai_request").is_some_and(Value::is_object) {
        let message = format!("{} needs the object openai_request in params", request.operation);
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    if params.contains_key(ATTACHED_KEY) {
        // It would be kept with the job.
        let message = format!("{ATTACHED_KEY} is a credential, and a queued job is kept on disk");
        return Err(Refusal::new(ErrorCode::InvalidRequest, message).hint("leave it out"));
    }
    let named = ["source_agent_slug", "agent_slug", "model"].into_iter().find_map(|name| params.get(name));
    let agent = named.or_else(|| params["openai_request"].get("model")).and_then(Value::as_str);
    let Some(agent) = agent.map(str::to_owned) else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "neither an agent nor a model is named"));
    };
    let offering = gateway.catalog.offering(|offered| offered.names().any(|name| name == agent));
    for (id, _, offered) in offering {
        let candidate = gateway.node(&id).await?;
        let wanted = node.is_none_or(|node| node.id == id)
            && key.may_use(&candidate.id, &candidate.labels)
            && request.labels.iter().all(|(name, value)| candidate.labels.get(name) == Some(value));
        if wanted && gateway.standing(&candidate) == Standing::Ready {
            params.entry("agent_slug").or_insert_with(|| public_slug(&candidate.name, offered.slug()).into());
            // A node looks for exactly that: a model's name would not do.
            params.entry("source_agent_slug").or_insert_with(|| offered.slug().into());
            let aliases = aliases(params);
            params.insert(ALIASES.to_owned(), aliases);
            return Ok(candidate);
        }
    }
    Err(Refusal::new(ErrorCode::UnsupportedOperation, format!("no node that could take it offers the agent '{agent}'"))
        .hint("nodes say in their heartbeats which agents they offer"))
}
