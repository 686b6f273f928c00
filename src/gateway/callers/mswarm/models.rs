//! `GET …/openai/models` and `GET …/openai/models/{model}`: what the routes beside it answer to.

use super::failure::Failed;
use super::slug_of;
use crate::gateway::models::{ModelCaller, ModelFailure, Offer, groups};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn list(State(gateway): State<Arc<Gateway>>, headers: HeaderMap) -> Result<Response, Failed> {
    let models = models(&gateway, &headers).await?;
    Ok(ok(&json!({"object": "list", "data": models}))?)
}

pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    path: Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let wanted = slug_of(path);
    let models = models(&gateway, &headers).await?;
    match models.iter().find(|model| model["id"] == wanted) {
        Some(model) => Ok(ok(model)?),
        None => Err(ModelFailure::new(404, "model_not_found", format!("there is no model '{wanted}'"))
            .detail("model", wanted)
            .into()),
    }
}

/// One for each agent of each node that can be reached, and one for each that several nodes have.
async fn models(gateway: &Gateway, headers: &HeaderMap) -> Result<Vec<Value>, Failed> {
    let caller = ModelCaller::of(gateway, headers, None).await?;
    let mut offers = gateway.offers(&caller).await?;
    offers.retain(|offer| !matches!(offer.health(), "unreachable" | "blocked"));
    let shared = groups(&offers).into_iter().filter(|group| group.members.len() > 1);
    let shared = shared.map(|group| model(&group.slug(), &group.members[0], "self-hosted"));
    let own = offers.iter().map(|offer| model(&offer.slug(), offer, &offer.node.name));
    Ok(own.chain(shared).collect())
}

fn model(id: &str, offer: &Offer, owner: &str) -> Value {
    json!({
        "id": id, "object": "model", "created": offer.node.created_ms / 1000, "owned_by": owner,
        "context_window": offer.agent.value("context_window"),
        "input_modalities": offer.agent.value("input_modalities"),
        "output_modalities": offer.agent.value("output_modalities"),
    })
}
