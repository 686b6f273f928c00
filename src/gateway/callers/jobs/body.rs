//! `GET /v1/jobs/{id}/body`: the body of a job's answer, e.g. a snapshot. `Range: bytes=N-` goes on where a download broke off.

use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use crate::wire::node::AnswerBody;
use crate::wire::v1::ErrorCode;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// What browsers should keep as a file.
const TAR: &str = "application/x-tar";

pub(crate) async fn body(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let record = gateway.seen_job(&key, &id).await?;
    let Some(body) = record.answer_body else {
        return Err(Refusal::new(ErrorCode::NotFound, format!("job {id} is {} and has no body", record.state))
            .hint("its answer, if it has one, is `result` of GET /v1/jobs/{id}"));
    };
    let tag = format!("\"{}\"", body.sha256);
    // Another body under the same address cannot be continued; this one never changes, so that is a caller's mistake.
    let same = headers.get(header::IF_RANGE).is_none_or(|wanted| wanted.as_bytes() == tag.as_bytes());
    let from = headers.get(header::RANGE).filter(|_| same).and_then(|range| rest_from(range, body.size));
    let mut response = kept(&gateway, &body, &id, from).await?;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Where `bytes=N-` begins. Other forms are answered with the whole body, as the standard allows.
fn rest_from(range: &HeaderValue, size: u64) -> Option<u64> {
    let from = range.to_str().ok()?.strip_prefix("bytes=")?.strip_suffix('-')?.trim().parse().ok()?;
    (from < size).then_some(from)
}

/// The body of an answer that is a blob, from an offset on.
pub(crate) async fn kept(
    gateway: &Gateway,
    body: &AnswerBody,
    name: &str,
    from: Option<u64>,
) -> Result<Response, Refusal> {
    let Some((size, bytes)) = gateway.blobs.stream(&body.sha256, from.unwrap_or_default(), u64::MAX).await? else {
        return Err(Refusal::internal("the answer's body is gone", &body.sha256));
    };
    let mut response = body_response(&body.content_type, Some(size), name, bytes);
    if let Some(from) = from {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let range = format!("bytes {from}-{}/{}", body.size.saturating_sub(1), body.size);
        if let Ok(range) = HeaderValue::try_from(range) {
            response.headers_mut().insert(header::CONTENT_RANGE, range);
        }
    }
    Ok(response)
}

/// Bytes as a response of their own type; an archive is offered under a file name.
pub(crate) fn body_response(content_type: &str, size: Option<u64>, name: &str, bytes: Body) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(content_type).unwrap_or(octets));
    if let Some(size) = size {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    }
    if content_type == TAR {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let name: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
        if let Ok(disposition) = HeaderValue::try_from(format!("attachment; filename=\"{name}.tar\"")) {
            headers.insert(header::CONTENT_DISPOSITION, disposition);
        }
    }
    response
}
