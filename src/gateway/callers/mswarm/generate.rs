//! `POST …/openai/chat/completions` (whole, or with `"stream": true` as server-sent events) and
//! `POST …/openai/{images,audio,videos}/generations`.

use super::failure::{Failed, body as failure_body};
use crate::gateway::intake::json;
use crate::gateway::models::{ModelCaller, ModelRequest, stream};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) async fn chat(gateway: State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Result<Response, Failed> {
    generate(gateway, headers, body, "chat.completions").await
}

pub(super) async fn images(gateway: State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Result<Response, Failed> {
    generate(gateway, headers, body, "images.generations").await
}

pub(super) async fn audio(gateway: State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Result<Response, Failed> {
    generate(gateway, headers, body, "audio.generations").await
}

pub(super) async fn videos(gateway: State<Arc<Gateway>>, headers: HeaderMap, body: Body) -> Result<Response, Failed> {
    generate(gateway, headers, body, "videos.generations").await
}

async fn generate(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: Body,
    operation: &'static str,
) -> Result<Response, Failed> {
    let caller = ModelCaller::of(&gateway, &headers, None).await?;
    let request: Map<String, Value> = json(&headers, body, gateway.config.max_json_bytes).await?;
    let request = ModelRequest::read(operation, request)?;
    let streams = request.stream;
    let asked = gateway.ask(&caller, request).await?;
    if !streams {
        return Ok(ok(&asked.answer().await?)?);
    }
    let body = Body::from_stream(stream(asked, failure_body).await?);
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, [("x-accel-buffering", "no")], body).into_response())
}
