//! One connection, from its first byte to its close.

use super::handler::Handler;
use super::slots::Slot;
use crate::tls::ACME_ALPN;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// Bytes of a request's head. Paths hold ids of at most 128 characters, so this is generous.
const MAX_HEAD: usize = 64 << 10;

/// Whose connection a request came over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Speaks TLS first where the server does, then serves.
pub(super) async fn begin(stream: TcpStream, peer: IpAddr, handler: Arc<Handler>, slot: Slot) {
    // Answers are small and written at once: waiting for more would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    let Some(tls) = handler.config.tls.clone() else { return serve(stream, peer, handler, slot).await };
    let shutdown = handler.shutdown.clone();
    let handshake = TlsAcceptor::from(tls).accept(stream);
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(handler.config.handshake_timeout, handshake) => shaken,
        () = slot.leave().cancelled() => return,
        () = shutdown.draining().cancelled() => return,
    };
    match shaken {
        // The handshake was all that an authority's challenge asks for.
        Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(ACME_ALPN) => {}
        Ok(Ok(stream)) => serve(stream, peer, handler, slot).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

/// Serves requests until the client closes, is too slow, has to make room, or the server drains.
async fn serve<S>(stream: S, peer: IpAddr, handler: Arc<Handler>, slot: Slot)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shutdown = handler.shutdown.clone();
    let header_timeout = handler.config.header_timeout;
    let slot = Arc::new(slot);
    let used = slot.clone();
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
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
