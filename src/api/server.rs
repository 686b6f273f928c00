//! The listener: knows its address once it is bound, serves until it is told to end.

use super::config::{ApiConfig, BindError};
use super::connection;
use super::handler::Handler;
use super::slots::{Slot, Slots};
use crate::base::Shutdown;
use crate::jobs::Engine;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

/// A bound `/v1` server.
pub struct ApiServer {
    listener: TcpListener,
    address: SocketAddr,
    config: ApiConfig,
    engine: Engine,
}

impl ApiServer {
    /// Takes the address. Nothing is answered before [`ApiServer::run`].
    ///
    /// # Errors
    /// Off loopback [`BindError::NotLoopback`] without TLS and [`BindError::Open`] without credentials; [`BindError::Listen`]
    /// when the system does not give the address.
    pub async fn bind(config: ApiConfig, engine: Engine) -> Result<Self, BindError> {
        let listen = config.listen;
        if !listen.ip().is_loopback() {
            if config.tls.is_none() {
                return Err(BindError::NotLoopback { listen });
            }
            if !config.auth.asks_everybody() {
                return Err(BindError::Open { listen });
            }
        }
        let failed = |source| BindError::Listen { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, config, engine })
    }

    /// Where it listens; the real port when 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` drains, then lets requests at hand end, or cuts them when it aborts. `POST /v1/shutdown`
    /// advances `shutdown`.
    pub async fn run(self, shutdown: Shutdown) {
        let Self { listener, address, config, engine } = self;
        tracing::info!(%address, auth = config.auth.name(), tls = config.tls.is_some(), "/v1 is served");
        let slots = Slots::new(config.max_connections);
        let handler = Arc::new(Handler::new(config, engine, shutdown.clone()));
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = shutdown.draining().cancelled() => break,
                accepted = accept(&listener, &slots) => accepted,
            };
            let Some((stream, peer, slot)) = accepted else { continue };
            let handler = handler.clone();
            connections.spawn(connection::begin(stream, peer, handler, slot));
        }
        drop(listener);
        connections.close();
        connections.wait().await;
        tracing::info!(%address, "/v1 has ended");
    }
}

/// The next connection, once there is a slot for it.
async fn accept(listener: &TcpListener, slots: &Arc<Slots>) -> Option<(TcpStream, IpAddr, Slot)> {
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer.ip(), slots.take().await?)),
        Err(error) => {
            if !is_of_the_peer(&error) {
                // Out of descriptors, most likely: some come back when connections end.
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            None
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
