//! Reading what a request brings: bodies within limits, queries, path parameters; each refusal names what is wrong.

use super::refusal::Refusal;
use crate::wire::v1::ErrorCode;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::time::Duration;

/// A body that brings nothing for this long is given up.
const STALLED: Duration = Duration::from_secs(60);
/// So much of a body that is too large is still read, so that its sender gets to read the answer …
const SWALLOW_BYTES: u64 = 64 << 20;
/// … and not for longer than this.
const SWALLOW_TIME: Duration = Duration::from_secs(5);

/// A body in order, with a limit on its size and on its pauses.
pub(crate) struct Intake {
    stream: BodyDataStream,
    limit: u64,
    taken: u64,
    declared: Option<u64>,
    expects_continue: bool,
}

impl Intake {
    pub(crate) fn new(headers: &HeaderMap, body: Body, limit: u64) -> Self {
        let number = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        Self {
            stream: body.into_data_stream(),
            limit,
            taken: 0,
            declared: number.and_then(|number| number.parse().ok()),
            expects_continue: headers.contains_key(header::EXPECT),
        }
    }

    /// The next bytes; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.declared.is_some_and(|declared| declared > self.limit) {
            return Err(self.too_large().await);
        }
        let Ok(next) = tokio::time::timeout(STALLED, self.stream.next()).await else {
            return Err(Refusal::new(
                ErrorCode::InvalidRequest,
                format!("the body stopped for {} seconds after {} bytes", STALLED.as_secs(), self.taken),
            ));
        };
        let Some(chunk) = next else { return Ok(None) };
        let chunk = chunk.map_err(|broken| {
            Refusal::new(ErrorCode::InvalidRequest, format!("the body broke off after {} bytes: {broken}", self.taken))
        })?;
        self.taken += chunk.len() as u64;
        if self.taken > self.limit {
            return Err(self.too_large().await);
        }
        Ok(Some(chunk))
    }

    /// All of it.
    pub(crate) async fn all(mut self) -> Result<Bytes, Refusal> {
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut whole = BytesMut::with_capacity(first.len() + second.len());
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(chunk) = self.next().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The length that the sender announced.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.declared
    }

    /// Reads on for a moment what nobody wants: answering over unread bytes makes the kernel reset the connection, and the
    /// answer is lost with it.
    pub(crate) async fn swallow(&mut self) {
        if self.expects_continue && self.taken == 0 {
            return;
        }
        let mut left = SWALLOW_BYTES;
        let swallow = async {
            while let Some(Ok(chunk)) = self.stream.next().await {
                left = left.saturating_sub(chunk.len() as u64);
                if left == 0 {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(SWALLOW_TIME, swallow).await;
    }

    async fn too_large(&mut self) -> Refusal {
        self.swallow().await;
        let size = self.declared.map_or_else(String::new, |size| format!(", this one has {size}"));
        Refusal::new(ErrorCode::PayloadTooLarge, format!("a body here is limited to {} bytes{size}", self.limit))
            .hint("large archives go as application/x-tar to …/v1/workspaces/load, or to PUT /v1/blobs")
    }
}

/// A JSON body. An empty one is an empty object.
pub(crate) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body, limit: usize) -> Result<T, Refusal> {
    let bytes = Intake::new(headers, body, limit as u64).all().await?;
    let bytes: &[u8] = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { &bytes };
    serde_json::from_slice(bytes).map_err(|wrong| match wrong.classify() {
        serde_json::error::Category::Data => {
            Refusal::new(ErrorCode::InvalidRequest, format!("the body does not fit: {wrong}"))
        }
        _ => Refusal::new(ErrorCode::InvalidJson, format!("the body is not JSON: {wrong}")),
    })
}

/// The pairs of a query, percent-decoded; the last of a name wins. Names not in `known` are refused.
pub(crate) fn query(raw: Option<&str>, known: &[&str]) -> Result<HashMap<String, String>, Refusal> {
    let text = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut pairs = HashMap::new();
    for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
        let name = text(name);
        if !known.contains(&name.as_str()) {
            let message = format!("the query parameter '{name}' is not known here");
            return Err(
                Refusal::new(ErrorCode::InvalidRequest, message).hint(format!("known are: {}", known.join(", ")))
            );
        }
        pairs.insert(name, text(value));
    }
    Ok(pairs)
}

/// The one parameter of a path.
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Refusal::new(ErrorCode::InvalidRequest, "the path is not percent-encoded UTF-8")),
        }
    }
}
