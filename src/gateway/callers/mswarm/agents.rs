//! `GET …/agents`: what there is to be used, by node and agent. `GET …/agents/{slug}`: one of them.

use super::card::{details, of_group, of_offer};
use super::failure::Failed;
use super::{filters, slug_of};
use crate::gateway::models::{ModelCaller, ModelFailure, Offer, canonical, groups};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most agents of one answer.
const MOST: usize = 1000;

pub(super) async fn list(
    State(gateway): State<Arc<Gateway>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let filters = filters(raw.as_deref());
    let wanted = |name: &str| filters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let is_true = |name: &str| wanted(name).is_some_and(|value| matches!(value, "true" | "1"));
    if let Some(shape) = wanted("shape").filter(|shape| *shape != "mcoda") {
        return Err(ModelFailure::invalid(format!("shape is '{shape}'; this gateway knows mcoda")).into());
    }
    let limit = match wanted("limit").map(str::parse::<usize>) {
        None => MOST,
        Some(Ok(limit)) if limit > 0 => limit.min(MOST),
        Some(_) => return Err(ModelFailure::invalid("limit is not a number from 1").into()),
    };
    let caller = ModelCaller::of(&gateway, &headers, wanted("client_identity")).await?;
    let mut offers = gateway.offers(&caller).await?;
    if !is_true("include_unreachable") {
        offers.retain(|offer| !matches!(offer.health(), "unreachable" | "blocked"));
    }
    if let Some(provider) = wanted("provider") {
        offers.retain(|offer| offer.agent.text("provider") == provider);
    }
    let mut cards: Vec<Map<String, Value>> = offers.iter().map(|offer| of_offer(offer, &caller)).collect();
    if is_true("include_load_balanced") {
        cards.extend(groups(&offers).iter().map(|group| of_group(group, &caller)));
    }
    cards.truncate(limit);
    Ok(ok(&json!({"agents": cards}))?)
}

pub(super) async fn get(
    State(gateway): State<Arc<Gateway>>,
    path: Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let filters = filters(raw.as_deref());
    let caller = ModelCaller::of(&gateway, &headers, filters.get("client_identity").map(String::as_str)).await?;
    let slug = slug_of(path);
    let wanted = canonical(&slug);
    let offers = gateway.offers(&caller).await?;
    let exact = |offer: &&Offer| offer.remote_slug() == slug;
    let offer = offers.iter().find(exact).or_else(|| offers.iter().find(|offer| offer.slug() == wanted));
    if let Some(offer) = offer {
        let mut card = of_offer(offer, &caller);
        details(&mut card, offer);
        return Ok(ok(&card)?);
    }
    let groups = groups(&offers);
    let group = groups.iter().find(|group| group.slug() == wanted || canonical(&group.remote_slug()) == wanted);
    let Some(group) = group else {
        return Err(ModelFailure::new(404, "not_found", format!("there is no agent '{slug}'"))
            .detail("slug", slug)
            .into());
    };
    let mut card = of_group(group, &caller);
    details(&mut card, &group.members[0]);
    Ok(ok(&card)?)
}
