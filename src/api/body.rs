//! A request's body, as much of it as the operation may have.

use super::ApiConfig;
use crate::wire::v1::http::MAX_JSON_BYTES;
use crate::wire::v1::{BodyKind, ErrorCode, Failure};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use hyper::body::{Body as _, SizeHint};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The longest body for an operation.
pub(super) fn limit(config: &ApiConfig, kind: BodyKind, content_type: Option<&str>) -> usize {
    let multipart = content_type.is_some_and(|media| media.trim_start().to_ascii_lowercase().starts_with("multipart/"));
    match kind {
        BodyKind::Archive => config.max_body_bytes,
        // The part `request` and the boundaries come on top of the input itself.
        BodyKind::JsonWithStdin if multipart => config.max_stdin_bytes.saturating_add(MAX_JSON_BYTES),
        BodyKind::None | BodyKind::Json | BodyKind::JsonWithStdin => MAX_JSON_BYTES,
    }
}

/// Room for long bodies, shared by all requests: each may be within its limit and all together too much for the machine.
pub(super) struct Room {
    pieces: Semaphore,
    all: u32,
}

/// What room is counted in, bytes. Bodies shorter than that do not count.
const PIECE: u64 = 1 << 20;

impl Room {
    /// Room for `bytes`, and at least for one body of any length.
    pub(super) fn new(bytes: usize) -> Self {
        let all = u32::try_from(bytes as u64 / PIECE).unwrap_or(u32::MAX >> 3).max(1);
        Self { pieces: Semaphore::new(all as usize), all }
    }

    /// Waits until there is room for what a body announces, or for the longest when it announces nothing. It is given
    /// back when the request has been answered.
    pub(super) async fn take(&self, hint: SizeHint, limit: usize) -> Option<SemaphorePermit<'_>> {
        let longest = hint.upper().unwrap_or(u64::MAX).min(limit as u64);
        let wanted = u32::try_from(longest / PIECE).unwrap_or(u32::MAX).min(self.all);
        // A body that will be refused for its length takes none.
        let wanted = if hint.lower() > limit as u64 { 0 } else { wanted };
        if wanted == 0 { None } else { self.pieces.acquire_many(wanted).await.ok() }
    }
}

/// Memory that is taken on a sender's word alone, bytes.
const ON_TRUST: usize = 16 << 20;

/// Reads the whole body. Its length is counted as it comes: a sender need not say it. One that `asks_first`
/// (`Expect: 100-continue`) sends nothing before we read.
///
/// # Errors
/// [`ErrorCode::PayloadTooLarge`] naming the limit; [`ErrorCode::InvalidRequest`] for a body that breaks off or pauses for
/// longer than `patience`.
pub(super) async fn read(body: Body, limit: usize, patience: Duration, asks_first: bool) -> Result<Bytes, Failure> {
    let announced = body.size_hint().lower();
    let mut chunks = body.into_data_stream();
    if announced > limit as u64 {
        if !asks_first {
            discard(&mut chunks).await;
        }
        return Err(too_large(limit, &format!("this one has {announced}")));
    }
    let Some(first) = next(&mut chunks, patience).await? else { return Ok(Bytes::new()) };
    if first.len() as u64 == announced {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity((announced as usize).min(ON_TRUST).max(first.len()));
    let mut chunk = Some(first);
    while let Some(bytes) = chunk {
        if whole.len() + bytes.len() > limit {
            discard(&mut chunks).await;
            return Err(too_large(limit, "this one is longer"));
        }
        whole.extend_from_slice(&bytes);
        chunk = next(&mut chunks, patience).await?;
    }
    Ok(whole.freeze())
}

/// Reads on for a moment: most clients send all before they read, and would see a reset connection instead of the answer.
async fn discard(chunks: &mut axum::body::BodyDataStream) {
    const MOMENT: Duration = Duration::from_secs(2);
    const SILENCE: Duration = Duration::from_millis(200);
    let all = async { while let Ok(Some(Ok(_))) = tokio::time::timeout(SILENCE, chunks.next()).await {} };
    let _ = tokio::time::timeout(MOMENT, all).await;
}

async fn next(chunks: &mut axum::body::BodyDataStream, patience: Duration) -> Result<Option<Bytes>, Failure> {
    let broken = |why: &str| Failure::new(ErrorCode::InvalidRequest, format!("the body is not complete: {why}"));
    match tokio::time::timeout(patience, chunks.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(error))) => Err(broken(&error.to_string())),
        Err(_) => Err(broken(&format!("nothing came for {} seconds", patience.as_secs_f64()))),
    }
}

fn too_large(limit: usize, this: &str) -> Failure {
    Failure::new(ErrorCode::PayloadTooLarge, format!("the body is limited to {limit} bytes here, {this}"))
}
