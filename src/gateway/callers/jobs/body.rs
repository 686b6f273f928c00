//! `GET /v1/jobs/{id}/body`: the body of a job's answer, e.g. a snapshot.

use crate::gateway::intake::Id;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::shared::Gateway;
use crate::wire::gateway::Scope;
use crate::wire::node::AnswerBody;
use crate::wire::v1::ErrorCode;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(crate) async fn body(State(gateway): State<Arc<Gateway>>, Id(id): Id, headers: HeaderMap) -> Answer {
    let key = gateway.authorize(&headers, &[Scope::Call, Scope::Admin]).await?;
    let record = gateway.seen_job(&key, &id).await?;
    match record.answer_body {
        Some(body) => attachment(&gateway, &body, &id).await,
        None => Err(Refusal::new(ErrorCode::NotFound, format!("job {id} is {} and has no body", record.state))
            .hint("its answer, if it has one, is `result` of GET /v1/jobs/{id}")),
    }
}

/// The body of an answer as a response, offered under a file name.
pub(crate) async fn attachment(gateway: &Gateway, body: &AnswerBody, name: &str) -> Result<Response, Refusal> {
    let mut response = content(gateway, body).await?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let name: String = name.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let extension = if body.content_type == "application/x-tar" { ".tar" } else { "" };
    let disposition = format!("attachment; filename=\"{name}{extension}\"");
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// The body of an answer as a response of its own type.
pub(crate) async fn content(gateway: &Gateway, body: &AnswerBody) -> Result<Response, Refusal> {
    let Some((size, stream)) = gateway.blobs.stream(&body.sha256).await? else {
        return Err(Refusal::internal("the answer's body is gone", &body.sha256));
    };
    let content_type = HeaderValue::try_from(&body.content_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let mut response = stream.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    Ok(response)
}
