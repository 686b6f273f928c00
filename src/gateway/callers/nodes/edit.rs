//! `PATCH /v1/nodes/{id}`: a node's name and the operator's labels, which win over those that the node reports.

use super::unknown;
use crate::base::unix_ms;
use crate::gateway::intake::{Id, json};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::selection::ANY;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{EditOutcome, NodeEdit};
use crate::wire::gateway::{EditNode, Scope};
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

/// The most labels of one edit.
const MOST_LABELS: usize = 64;
/// The longest name or value of a label, bytes.
const LONGEST_LABEL: usize = 256;

pub(crate) async fn edit(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap, body: Body) -> Answer {
    let by = gateway.authorize(&headers, &[Scope::Admin]).await?;
    let wanted: EditNode = json(&headers, body, gateway.config.max_json_bytes).await?;
    let node = gateway.store.node(&id).await?.ok_or_else(|| unknown(&id))?;
    let edit = accept(wanted)?;
    let edited = match gateway.store.by(&by.id).edit_node(&node.id, edit, unix_ms()).await? {
        EditOutcome::Edited(node) => node,
        EditOutcome::NameTaken(other) => {
            return Err(Refusal::new(ErrorCode::AlreadyExists, format!("the name is that of node {other}"))
                .hint("choose another name, or rename that node first"));
        }
        EditOutcome::Unknown => {
            return Err(Refusal::new(ErrorCode::NodeRemoved, format!("node {} was removed", node.id))
                .hint(format!("bring it back first: POST /v1/nodes/{}/restore", node.id)));
        }
    };
    gateway.forget_nodes();
    tracing::info!(node_id = edited.id, name = edited.name, "node edited");
    ok(&gateway.node_view(edited).await?)
}

fn accept(wanted: EditNode) -> Result<NodeEdit, Refusal> {
    let invalid = |message: String| Refusal::new(ErrorCode::InvalidRequest, message);
    let name = wanted.name.map(|name| name.trim().to_ascii_lowercase());
    if let Some(name) = &name {
        let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_' | b'.');
        if !(1..=80).contains(&name.len()) || !name.bytes().all(fits) {
            return Err(invalid(format!("'{name}' is not a node's name"))
                .hint("1 to 80 letters, digits, dashes, underscores and dots"));
        }
        if name == ANY || name.starts_with("shn_") {
            return Err(invalid(format!("'{name}' cannot be a node's name"))
                .hint("choose another one: `any` stands for every node, and ids begin with shn_"));
        }
    }
    if wanted.labels.len() > MOST_LABELS {
        return Err(invalid(format!("there are {} labels, more than {MOST_LABELS}", wanted.labels.len())));
    }
    for (label, value) in &wanted.labels {
        if label.is_empty()
            || label.len() > LONGEST_LABEL
            || value.as_ref().is_some_and(|value| value.len() > LONGEST_LABEL)
        {
            return Err(invalid(format!("a label's name has 1 to {LONGEST_LABEL} bytes, its value at most as many")));
        }
    }
    Ok(NodeEdit { name, labels: wanted.labels })
}
