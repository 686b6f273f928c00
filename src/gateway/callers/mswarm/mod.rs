//! What consumers of mswarm ask a gateway: which agents and nodes there are, and OpenAI's routes for them. Their paths, their
//! shapes and their form of errors; what is behind is [`models`](crate::gateway::models).

mod agents;
mod card;
mod failure;
mod generate;
mod models;
mod nodes;

pub(crate) use failure::{Failed, covers};

use crate::gateway::shared::Gateway;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use std::sync::Arc;

/// What the paths here start with.
pub(crate) const PREFIX: &str = "/v1/swarm/self-hosted";

/// The routes below [`PREFIX`] that are not nodes' own.
pub(crate) fn routes() -> Router<Arc<Gateway>> {
    Router::new()
        .route("/agents", get(agents::list))
        .route("/agents/{*slug}", get(agents::get))
        .route("/nodes", get(nodes::list))
        .route("/openai/models", get(models::list))
        .route("/openai/models/{*model}", get(models::get))
        .route("/openai/chat/completions", post(generate::chat))
        .route("/openai/images/generations", post(generate::images))
        .route("/openai/audio/generations", post(generate::audio))
        .route("/openai/videos/generations", post(generate::videos))
}

/// The pairs of a query. What is not known is left alone: consumers of other versions send more.
fn filters(raw: Option<&str>) -> HashMap<String, String> {
    let text = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "true")))
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// The name at the end of a path, which may have slashes.
fn slug_of(Path(slug): Path<String>) -> String {
    slug
}
