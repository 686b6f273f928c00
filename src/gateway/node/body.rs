//! `GET /jobs/{id}/body`: a job's body to its node, whole or from an offset.

use super::answer::holds;
use super::stale;
use crate::gateway::intake::{Id, query};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::gateway::store::JobRecord;
use crate::gateway::streams::{Piece, Window};
use crate::wire::node::BODY_END;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

/// The most bytes of a piece.
const PIECE: usize = 4 << 20;
/// How long a piece waits for its first byte. Shorter than what cuts quiet connections.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn body(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Answer {
    let caller = gateway.authenticate_node(&headers).await?;
    let query = query(raw.as_deref(), &["epoch", "offset"])?;
    let epoch = number(&query, "epoch")?;
    let offset = number(&query, "offset")?;
    let record = gateway.store.job(&job_id).await?;
    let record = record.filter(|record| {
        record.leased_to.as_deref() == Some(&caller.node.id)
            && epoch.is_none_or(|epoch| epoch == record.epoch)
            && !record.state.is_terminal()
    });
    let Some(record) = record else { return Err(stale(&job_id)) };
    if !record.job.body.as_ref().is_some_and(|body| body.stream) {
        return kept(&gateway, record, offset).await;
    }
    let Some(offset) = offset else {
        return Err(Refusal::new(ErrorCode::InvalidRequest, "this body still comes: ask for it from an `offset`"));
    };
    let Some(stream) = gateway.streams.get(&job_id) else { return Err(stale(&job_id)) };
    if offset == 0 && !holds(&gateway, &caller, &job_id, record.epoch).await? {
        return Err(stale(&job_id));
    }
    match &stream.request {
        Some(window) => piece(window, offset).await,
        None => Err(stale(&job_id)),
    }
}

/// A number of a query; none when it is not there.
pub(super) fn number(query: &std::collections::HashMap<String, String>, name: &str) -> Result<Option<u64>, Refusal> {
    let number = query.get(name).map(|text| text.parse::<u64>());
    number.transpose().map_err(|_| Refusal::new(ErrorCode::InvalidRequest, format!("`{name}` is not a number")))
}

async fn piece(window: &Window, offset: u64) -> Answer {
    match window.read(offset, PIECE, PATIENCE).await {
        Piece::Bytes(chunks, end) => {
            let size = chunks.iter().map(Bytes::len).sum::<usize>() as u64;
            let chunks = stream::iter(chunks.into_iter().map(Ok::<_, Infallible>));
            Ok(response(size, Body::from_stream(chunks), end))
        }
        Piece::Broken => Err(Refusal::new(ErrorCode::Conflict, "the caller's body broke off")),
        Piece::Gone => Err(Refusal::new(
            ErrorCode::Conflict,
            format!(
                "the body cannot be had from offset {offset}: what was acknowledged is gone, what is to come is not here"
            ),
        )),
    }
}

async fn kept(gateway: &Gateway, record: JobRecord, offset: Option<u64>) -> Answer {
    let from = offset.unwrap_or_default();
    let Some(body) = record.job.body else { return Ok(response(0, Body::empty(), true)) };
    if from > body.size {
        let message = format!("the body has {} bytes, nothing at offset {from}", body.size);
        return Err(Refusal::new(ErrorCode::Conflict, message));
    }
    if let Some(text) = &body.base64 {
        let bytes = STANDARD.decode(text);
        let bytes = bytes.map_err(|wrong| Refusal::internal("the job's body cannot be read", wrong))?;
        let rest = Bytes::from(bytes).split_off(usize::try_from(from).unwrap_or(usize::MAX));
        return Ok(response(rest.len() as u64, Body::from(rest), true));
    }
    let most = if offset.is_some() { PIECE as u64 } else { u64::MAX };
    match gateway.blobs.stream(&body.sha256, from, most).await? {
        Some((size, piece)) => Ok(response(size, piece, from + size == body.size)),
        None => Err(Refusal::internal("the job's body is gone", body.sha256)),
    }
}

fn response(size: u64, body: Body, end: bool) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    if end {
        headers.insert(BODY_END, HeaderValue::from_static("true"));
    }
    response
}
