//! The listener: accepts connections, serves them, and ends in good order.

use super::blobs::Blobs;
use super::callers::keys::create_key;
use super::config::GatewayConfig;
use super::error::GatewayError;
use super::reaper;
use super::routes::routes;
use super::shared::Gateway;
use super::store::{Store, StoreError};
use crate::base::{Shutdown, create_private_dir, unix_ms};
use crate::wire::gateway::{CreateKey, CreatedKey};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long a new connection may take for its first request line and headers.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
/// The same for later requests, and thereby how long a connection may idle: longer than the 90 s after which our own
/// client drops an idle connection, so that it is never the server that closes one just as it is used again.
const NEXT_REQUEST: Duration = Duration::from_secs(100);
/// How long requests may still take once the gateway was told to end.
const DRAIN: Duration = Duration::from_secs(5);

/// A gateway that listens.
pub struct GatewayServer {
    gateway: Arc<Gateway>,
    listener: TcpListener,
    local_addr: SocketAddr,
}

impl GatewayServer {
    /// Takes the address and the directory. Requests are answered only by [`run`](Self::run).
    ///
    /// # Errors
    /// Off loopback without `behind_proxy`; when the address is taken or the directory cannot be used.
    pub async fn bind(config: GatewayConfig, store: Arc<dyn Store>) -> Result<Self, GatewayError> {
        config.check()?;
        let listen = config.listen;
        let unusable = |source| GatewayError::Directory { path: config.data_dir.clone(), source };
        create_private_dir(&config.data_dir).map_err(unusable)?;
        let blobs = Blobs::open(&config.data_dir.join("blobs")).map_err(unusable)?;
        let failed = |source| GatewayError::Listen { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let local_addr = listener.local_addr().map_err(failed)?;
        Ok(Self { gateway: Arc::new(Gateway::new(config, store, blobs)), listener, local_addr })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Makes a key, also before the gateway runs.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_key(&self, wanted: &CreateKey) -> Result<CreatedKey, StoreError> {
        create_key(self.gateway.store.as_ref(), wanted).await
    }

    /// Serves until told. Draining: no new connections, waiting requests are answered at once, others have 5 seconds.
    /// Aborting: everything ends now.
    ///
    /// # Errors
    /// When the store fails at the start or serves another gateway already.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), GatewayError> {
        let Self { gateway, listener, local_addr } = self;
        let wakeups = gateway.store.take_wakeups().ok_or(GatewayError::StoreTaken)?;
        // Nobody could renew while no gateway was there, and who waited at a connection is gone with it.
        gateway.extend_leases(unix_ms()).await?;
        gateway.catalog.load(gateway.store.as_ref()).await?;
        let abandoned = gateway.store.abandon_relayed(unix_ms()).await?;
        if abandoned > 0 {
            tracing::info!(abandoned, "cancelled requests whose callers waited at the gateway before this one");
        }
        let stop = shutdown.draining().clone();
        let mut chores = JoinSet::new();
        chores.spawn(reaper::dispatch(Arc::clone(&gateway), wakeups));
        chores.spawn(reaper::ReapLoop::new(Arc::clone(&gateway), unix_ms()).run(stop.clone()));
        chores.spawn(reaper::sweep(Arc::clone(&gateway), stop.clone()));
        let router = routes(Arc::clone(&gateway));
        let mut connections = JoinSet::new();
        tracing::info!(%local_addr, "gateway listens");
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, router.clone(), gateway.shutdown.clone()));
                    }
                    Err(error) => {
                        // Out of file descriptors, or a connection that was gone before it was taken.
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                () = stop.cancelled() => break,
            }
        }
        drop(listener);
        gateway.shutdown.advance();
        let drained = async { while connections.join_next().await.is_some() {} };
        let in_time = tokio::select! {
            in_time = tokio::time::timeout(DRAIN, drained) => in_time.is_ok(),
            () = shutdown.aborting().cancelled() => false,
        };
        if !in_time {
            tracing::warn!(connections = connections.len(), "ended with requests under way");
            gateway.shutdown.abort();
            connections.shutdown().await;
        }
        chores.shutdown().await;
        tracing::info!("gateway ended");
        Ok(())
    }
}

async fn serve(stream: TcpStream, router: Router, shutdown: Shutdown) {
    let _ = stream.set_nodelay(true);
    let begun = Arc::new(AtomicBool::new(false));
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn({
        let begun = Arc::clone(&begun);
        move |request| {
            begun.store(true, Ordering::Relaxed);
            hyper::service::Service::call(&service, request)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(NEXT_REQUEST);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = shutdown.draining().cancelled() => {}
        () = never_begun(&begun) => return,
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// Ends for a connection that has sent no request in time.
async fn never_begun(begun: &AtomicBool) {
    tokio::time::sleep(FIRST_REQUEST).await;
    if begun.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}
