//! A response of events as they come, with a sign of life when none does.

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The last frame of every stream.
pub(super) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// One event.
pub(super) fn data(value: &Value) -> Bytes {
    format!("data: {value}\n\n").into()
}

/// One event with a name.
pub(super) fn event(name: &str, value: &Value) -> Bytes {
    format!("event: {name}\ndata: {value}\n\n").into()
}

/// A response of the frames that come, until their senders are gone. `held` is dropped with the response's body: when all was
/// sent, or when the reader has gone.
pub(super) fn response(
    frames: mpsc::Receiver<Bytes>,
    keep_alive: Duration,
    held: impl Send + 'static,
) -> Response<Body> {
    let frames = stream::unfold((frames, held), move |(mut frames, held)| async move {
        let frame = match tokio::time::timeout(keep_alive, frames.recv()).await {
            Ok(frame) => frame?,
            Err(_) => Bytes::from_static(b": keep-alive\n\n"),
        };
        Some((Ok::<_, Infallible>(frame), (frames, held)))
    });
    let mut response = Response::new(Body::from_stream(frames));
    for (name, value) in [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (CONNECTION, "keep-alive"),
        (X_ACCEL_BUFFERING, "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
