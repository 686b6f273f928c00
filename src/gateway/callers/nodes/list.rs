//! `GET /v1/nodes`: the nodes that the key may use, by name; `?removed=true` shows removed ones too.

use crate::gateway::intake::query;
use crate::gateway::refusal::Answer;
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::gateway::{NodeList, Scope};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn list(State(gateway): State<Arc<Gateway>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let with_removed = query(raw.as_deref(), &["removed"])?.get("removed").is_some_and(|value| value != "false");
    let mut items = Vec::new();
    for node in gateway.store.nodes(with_removed).await? {
        if key.may_use(&node.id, &node.labels) {
            items.push(gateway.node_view(node).await?);
        }
    }
    ok(&NodeList { items })
}
