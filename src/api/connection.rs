//! One connection, from its first byte to its close.

use super::handler::Handler;
use super::slots::Slot;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::net::TcpStream;

/// Bytes of a request's head. Paths hold ids of at most 128 characters, so this is generous.
const MAX_HEAD: usize = 64 << 10;

/// Serves requests until the client closes, is too slow, has to make room, or the server drains.
pub(super) async fn serve(stream: TcpStream, handler: Arc<Handler>, slot: Slot) {
    // Answers are small and written at once: waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let shutdown = handler.shutdown.clone();
    let header_timeout = handler.config.header_timeout;
    let slot = Arc::new(slot);
    let used = slot.clone();
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (handler, slot) = (handler.clone(), used.clone());
        async move {
            slot.set_busy(true);
            let response = handler.answer(request.map(Body::new)).await;
            slot.set_busy(false);
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let leave = async {
        tokio::select! {
            () = shutdown.draining().cancelled() => {}
            () = slot.leave().cancelled() => {}
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = leave => {
            // A client that has not asked for anything may keep us waiting for that; it loses nothing.
            if !slot.begun() {
                return;
            }
            // The request at hand comes to its end, or is cut by the second step.
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.aborting().cancelled() => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
