//! A request's body, as much of it as the operation may have.

use super::ApiConfig;
use crate::jobs::Source;
use crate::wire::v1::http::MAX_JSON_BYTES;
use crate::wire::v1::{BodyKind, ErrorCode, Failure};
use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use hyper::body::{Body as _, SizeHint};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The longest body that is held for an operation. Archives are not: they are read while they come.
pub(super) fn limit(config: &ApiConfig, kind: BodyKind, content_type: Option<&str>) -> usize {
    let multipart = content_type.is_some_and(|media| media.trim_start().to_ascii_lowercase().starts_with("multipart/"));
    match kind {
        // The part `request` and the boundaries come on top of the input itself.
        BodyKind::JsonWithStdin if multipart => config.max_stdin_bytes.saturating_add(MAX_JSON_BYTES),
        BodyKind::None | BodyKind::Json | BodyKind::JsonWithStdin | BodyKind::Archive => MAX_JSON_BYTES,
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

/// A body as it comes: counted, because a sender need not say its length, and not waited for for ever. One that is let go
/// before its end is read on for a moment beside the answer: most clients send all before they read, and would see a reset
/// connection instead.
pub(super) struct Incoming {
    /// None when nothing more is to be read.
    chunks: Option<BodyDataStream>,
    announced: u64,
    limit: u64,
    taken: u64,
    patience: Duration,
    /// The sender waits for our word (`Expect: 100-continue`), which reading gives.
    waits: bool,
}

impl Incoming {
    /// A body of at most `limit` bytes, whose sender is silent for at most `patience` and may have asked first
    /// (`Expect: 100-continue`).
    pub(super) fn new(body: Body, limit: u64, patience: Duration, asks_first: bool) -> Self {
        let announced = body.size_hint().lower();
        Self { chunks: Some(body.into_data_stream()), announced, limit, taken: 0, patience, waits: asks_first }
    }
}

impl Source for Incoming {
    /// [`ErrorCode::PayloadTooLarge`] naming the limit; [`ErrorCode::InvalidRequest`] for a body that breaks off or pauses
    /// for too long.
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        if self.announced > self.limit {
            return Err(too_large(self.limit, &format!("this one has {}", self.announced)));
        }
        let Some(chunks) = &mut self.chunks else { return Ok(None) };
        self.waits = false;
        let broken = |why: &str| Failure::new(ErrorCode::InvalidRequest, format!("the body is not complete: {why}"));
        let next = match tokio::time::timeout(self.patience, chunks.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(Some(Err(error))) => Err(broken(&error.to_string())),
            Err(_) => Err(broken(&format!("nothing came for {} seconds", self.patience.as_secs_f64()))),
        };
        match &next {
            Ok(Some(chunk)) => {
                self.taken += chunk.len() as u64;
                if self.taken > self.limit {
                    return Err(too_large(self.limit, "this one is longer"));
                }
            }
            Ok(None) | Err(_) => self.chunks = None,
        }
        next
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        const MOMENT: Duration = Duration::from_secs(10);
        const SILENCE: Duration = Duration::from_secs(1);
        let Some(mut chunks) = self.chunks.take().filter(|_| !self.waits) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let rest = async move { while let Ok(Some(Ok(_))) = tokio::time::timeout(SILENCE, chunks.next()).await {} };
        runtime.spawn(tokio::time::timeout(MOMENT, rest));
    }
}

/// Reads the whole body.
///
/// # Errors
/// As [`Incoming::next`].
pub(super) async fn read(mut body: Incoming) -> Result<Bytes, Failure> {
    let Some(first) = body.next().await? else { return Ok(Bytes::new()) };
    if first.len() as u64 == body.announced {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity((body.announced as usize).min(ON_TRUST).max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(bytes) = body.next().await? {
        whole.extend_from_slice(&bytes);
    }
    Ok(whole.freeze())
}

fn too_large(limit: u64, this: &str) -> Failure {
    Failure::new(ErrorCode::PayloadTooLarge, format!("the body is limited to {limit} bytes here, {this}"))
}
