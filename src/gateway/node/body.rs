//! `GET /jobs/{id}/body`: a job's body to its node. `PUT /jobs/{id}/result-body?epoch=N`: an answer's body from it.

use super::stale;
use crate::gateway::intake::{Id, Intake, query};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::sync::Arc;

pub(crate) async fn body(State(gateway): State<Arc<Gateway>>, Id(job_id): Id, headers: HeaderMap) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let record = gateway.store.job(&job_id).await?;
    let record = record.filter(|record| record.leased_to.as_deref() == Some(&caller.node.id));
    let Some(record) = record.filter(|record| !record.state.is_terminal()) else { return Err(stale(&job_id)) };
    let (size, body) = match record.job.body {
        None => (0, Body::empty()),
        Some(body) => match body.base64.as_deref().map(|text| STANDARD.decode(text)) {
            Some(Ok(bytes)) => (body.size, Body::from(bytes)),
            Some(Err(wrong)) => return Err(Refusal::internal("the job's body cannot be read", wrong)),
            None => match gateway.blobs.stream(&body.sha256).await? {
                Some(found) => found,
                None => return Err(Refusal::internal("the job's body is gone", body.sha256)),
            },
        },
    };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream".to_owned())];
    Ok((headers, [(header::CONTENT_LENGTH, size.to_string())], body).into_response())
}

pub(crate) async fn result_body(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let epoch = query(raw.as_deref(), &["epoch"])?.remove("epoch").and_then(|epoch| epoch.parse::<u64>().ok());
    let Some(epoch) = epoch else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "the query has no `epoch` that is a number"));
    };
    let record = gateway.store.job(&job_id).await?;
    let holds = record.is_some_and(|record| {
        record.leased_to.as_deref() == Some(&caller.node.id) && record.epoch == epoch && !record.state.is_terminal()
    });
    if !holds {
        return Err(stale(&job_id));
    }
    let stored = gateway.blobs.receive(Intake::new(&headers, body, gateway.config.max_body_bytes)).await?;
    ok(&json!({"accepted": true, "sha256": stored.sha256, "size": stored.size}))
}
