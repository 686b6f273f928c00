//! A request in parts: its parameters, and the bytes that come beside them.

use super::failure::{ErrorCode, Failure};
use super::http::{MAX_JSON_BYTES, blame, json_object, merge, refuse_unknown};
use super::operation::{BodyKind, Operation, OperationRequest};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use multer::{Error, Field, Multipart};
use serde_json::{Map, Value};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

/// The most parts of a body; no operation has so many parameters.
const MAX_PARTS: usize = 64;

/// Takes the main part of a request, an archive or standard input, as it comes.
pub trait PartSink: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they cannot be kept; the request ends with that.
    fn write(&mut self, chunk: Bytes) -> impl Future<Output = Result<(), Failure>> + Send;
}

impl PartSink for BytesMut {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Failure> {
        self.extend_from_slice(&chunk);
        Ok(())
    }
}

/// Reads all parts. The main one goes to `main`; the others become parameters and are held, together up to
/// [`MAX_JSON_BYTES`].
pub(super) async fn read(
    request: &mut OperationRequest,
    operation: &Operation,
    body: impl Stream<Item = Result<Bytes, Failure>> + Send,
    boundary: String,
    main: &mut impl PartSink,
) -> Result<(), Failure> {
    let kind = operation.body;
    let held = Arc::new(AtomicUsize::new(0));
    let chunks = OneByOne { chunks: Box::pin(body), waited: true, held: held.clone() };
    let mut parts = Multipart::new(chunks, boundary);
    let (mut has_main, mut has_request, mut count, mut room) = (false, false, 0, MAX_JSON_BYTES);
    while let Some(mut part) = parts.next_field().await.map_err(bad)? {
        count += 1;
        if count > MAX_PARTS {
            return Err(invalid(format!("bad multipart body: more than {MAX_PARTS} parts")));
        }
        let name = part.name().unwrap_or_default().to_owned();
        if is_main(kind, &name) {
            if has_main {
                return Err(invalid(format!("bad multipart body: the part '{name}' is there twice")));
            }
            has_main = true;
            while let Some(chunk) = part.chunk().await.map_err(bad)? {
                held.fetch_sub(chunk.len(), Relaxed);
                main.write(chunk).await?;
            }
            continue;
        }
        let bytes = small(&mut part, &name, &mut room, &held).await?;
        match (kind, name.as_str()) {
            (_, "request") => {
                let object = json_object(&bytes).map_err(|failure| match operation.name {
                    "workspaces.shell" => blame(operation, failure),
                    _ => Failure { message: format!("bad request part: {}", failure.message), ..failure },
                })?;
                refuse_unknown(operation, &object)?;
                merge(&mut request.params, object);
                has_request = true;
            }
            (BodyKind::Archive, "override") => {
                let value = serde_json::from_slice(&bytes)
                    .map_err(|wrong| invalid(format!("override must be JSON: {wrong}")))?;
                merge(&mut request.params, Map::from_iter([("override".to_owned(), value)]));
            }
            _ => {
                let text = String::from_utf8(bytes.into())
                    .map_err(|_| invalid(format!("the part '{name}' is not UTF-8 text")))?;
                merge(&mut request.params, Map::from_iter([(name, Value::String(text))]));
            }
        }
    }
    match kind {
        BodyKind::JsonWithStdin if !has_request => Err(invalid("multipart body missing 'request' part")),
        BodyKind::Archive if !has_main => Err(invalid("load needs a file part 'tar' (or 'snapshot')")),
        _ => Ok(()),
    }
}

fn is_main(kind: BodyKind, name: &str) -> bool {
    matches!((kind, name), (BodyKind::JsonWithStdin, "stdin") | (BodyKind::Archive, "tar" | "snapshot"))
}

/// A part that is held. `room` is what all of them together may still take.
async fn small(part: &mut Field<'_>, name: &str, room: &mut usize, held: &AtomicUsize) -> Result<Bytes, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = part.chunk().await.map_err(bad)? {
        held.fetch_sub(chunk.len(), Relaxed);
        *room = room.checked_sub(chunk.len()).ok_or_else(|| {
            let name: String = name.chars().take(64).collect();
            let text = format!("parts other than the main one are limited to {MAX_JSON_BYTES} bytes, at {name:?}");
            Failure::new(ErrorCode::PayloadTooLarge, text)
        })?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn bad(wrong: Error) -> Failure {
    match wrong {
        Error::StreamReadFailed(inner) if inner.is::<Broken>() => match inner.downcast::<Broken>() {
            Ok(broken) => broken.0,
            Err(other) => invalid(format!("bad multipart body: {other}")),
        },
        wrong => invalid(format!("bad multipart body: {wrong}")),
    }
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, message)
}

/// What the body's source said, on its way through the parser.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(Failure);

/// Chunks with a pause after each: the parser buffers all that comes without one, however much that is. It also buffers what
/// comes before the first part and between the parts, which is not for ever either.
struct OneByOne<S> {
    chunks: Pin<Box<S>>,
    waited: bool,
    /// Bytes that the parser got and did not give out as a part's.
    held: Arc<AtomicUsize>,
}

impl<S: Stream<Item = Result<Bytes, Failure>>> Stream for OneByOne<S> {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !std::mem::replace(&mut self.waited, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.chunks.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            self.waited = false;
            if self.held.fetch_add(chunk.len(), Relaxed) > MAX_JSON_BYTES {
                let text = format!("bad multipart body: more than {MAX_JSON_BYTES} bytes without a part's content");
                return Poll::Ready(Some(Err(Broken(invalid(text)))));
            }
        }
        next.map(|chunk| chunk.map(|chunk| chunk.map_err(Broken)))
    }
}
