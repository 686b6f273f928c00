//! `PUT /jobs/{id}/result-body?epoch=N`: the body of an answer that is complete, whole or in pieces.

use super::body::number;
use super::stale;
use crate::gateway::intake::{Id, Intake, query};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn result_body(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let query = query(raw.as_deref(), &["epoch", "offset", "size"])?;
    let Some(epoch) = number(&query, "epoch")? else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "the query has no `epoch` that is a number"));
    };
    let record = gateway.store.job(&job_id).await?;
    let holds = record.is_some_and(|record| {
        record.leased_to.as_deref() == Some(&caller.node.id) && record.epoch == epoch && !record.state.is_terminal()
    });
    if !holds {
        return Err(stale(&job_id));
    }
    let intake = Intake::new(&headers, body, gateway.config.max_body_bytes);
    let Some(offset) = number(&query, "offset")? else {
        let stored = gateway.blobs.receive(intake).await?;
        return ok(
            &json!({"accepted": true, "sha256": stored.sha256, "size": stored.size, "next_offset": stored.size}),
        );
    };
    let size = number(&query, "size")?.filter(|size| *size <= gateway.config.max_body_bytes);
    let Some(size) = size else {
        let most = gateway.config.max_body_bytes;
        return Err(Refusal::new(ErrorCode::PayloadTooLarge, format!("a body has a `size` of at most {most} bytes")));
    };
    let sha256 = headers.get("x-content-sha256").and_then(|sha256| sha256.to_str().ok());
    // The id is the store's own, and so a plain word.
    let next_offset = gateway.blobs.append(&format!("{job_id}-{epoch}"), offset, size, sha256, intake).await?;
    ok(&json!({"accepted": true, "next_offset": next_offset}))
}
