//! The daemon: `/v1` on loopback alone, joined to nothing. The same engine and listener as a node's, and gone when idle.

use super::DaemonError;
use super::engine::{Grants, Kept, bind, open_engine};
use super::idle::{IdleRule, until_idle};
use crate::api::{ApiConfig, ApiServer, Auth};
use crate::base::{Shutdown, unix_ms};
use crate::jobs::Engine;
use crate::state::{Home, InstanceLock, LockFile, NodeStatus, StatusBoard};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long background jobs may go on once the daemon is told to end.
const BACKGROUND_GRACE: Duration = Duration::from_secs(5);

/// What a daemon is started with.
#[derive(Debug, Clone)]
pub struct DaemonOptions {
    /// Where it keeps itself.
    pub home: Home,
    /// Where to listen; a loopback address.
    pub listen: SocketAddr,
    /// Whether workspaces and jobs are kept in the home, where a node of this home has them too.
    pub persist: bool,
    /// Another directory to keep them in.
    pub persist_dir: Option<PathBuf>,
    /// Another directory to keep their versions in.
    pub version_root: Option<PathBuf>,
    /// What workspaces may reach beyond themselves.
    pub grants: Grants,
    /// How it knows who calls.
    pub auth: Auth,
    /// Hosts that a request may be for.
    pub allowed_hosts: Vec<String>,
    /// When it ends by itself. One that keeps its workspaces does not: there is always something to come back to.
    pub idle: Option<IdleRule>,
    /// What it was started with, for a restart.
    pub arguments: Vec<String>,
}

/// A daemon that listens but does not serve yet.
pub struct DaemonRole {
    engine: Engine,
    api: ApiServer,
    url: String,
    board: Arc<StatusBoard>,
    idle: Option<IdleRule>,
    _locks: (InstanceLock, Option<LockFile>),
}

impl DaemonRole {
    /// Opens what it keeps and listens.
    ///
    /// # Errors
    /// When its files cannot be used, or the address is taken or not a loopback one.
    pub async fn open(options: DaemonOptions, lock: InstanceLock) -> Result<Self, DaemonError> {
        let (kept, other_lock) = kept(&options)?;
        let engine = open_engine(kept.as_ref(), &options.grants).await?;
        let config = ApiConfig {
            listen: options.listen,
            auth: options.auth,
            allowed_hosts: options.allowed_hosts.clone(),
            ..ApiConfig::default()
        };
        let api = bind(config, false, &engine).await?;
        let url = url(api.local_addr(), &options.allowed_hosts);
        let status = NodeStatus {
            pid: std::process::id(),
            role: "daemon".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_ms: unix_ms(),
            state: "serving".to_owned(),
            api_url: Some(url.clone()),
            arguments: options.arguments,
            ..NodeStatus::default()
        };
        let board = Arc::new(StatusBoard::new(&options.home, status));
        let idle = options.idle.filter(|_| kept.is_none());
        Ok(Self { engine, api, url, board, idle, _locks: (lock, other_lock) })
    }

    /// Where it serves `/v1`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until told to end: the listener first, then what runs in the background.
    pub async fn run(self, shutdown: Shutdown) {
        let Self { engine, api, board, idle, _locks, .. } = self;
        let written = CancellationToken::new();
        let writer = tokio::spawn({
            let (board, written) = (board.clone(), written.clone());
            async move { board.run(written).await }
        });
        let idling = idle.map(|rule| {
            tokio::spawn({
                let (engine, count, shutdown) = (engine.clone(), engine.workspace_count(), shutdown.clone());
                async move {
                    until_idle(&engine, count, rule).await;
                    tracing::info!(grace = ?rule.grace, "no workspace is left: the daemon ends");
                    if !shutdown.draining().is_cancelled() {
                        shutdown.advance();
                    }
                }
            })
        });
        api.run(shutdown.clone()).await;
        if let Some(idling) = idling {
            idling.abort();
        }
        tokio::select! {
            () = engine.shutdown(BACKGROUND_GRACE) => {}
            () = shutdown.aborting().cancelled() => engine.shutdown(Duration::ZERO).await,
        }
        board.update(|status| "stopped".clone_into(&mut status.state));
        written.cancel();
        let _ = writer.await;
    }
}

/// The URL by which the server lets itself be called: its address, or `localhost` where only that is an allowed host.
fn url(address: SocketAddr, allowed_hosts: &[String]) -> String {
    let allowed = |name: &str| allowed_hosts.iter().any(|host| host == name);
    if !allowed("*") && !allowed(&address.ip().to_string()) && allowed("localhost") {
        return format!("http://localhost:{}", address.port());
    }
    format!("http://{address}")
}

/// Where workspaces are kept, if anywhere.
fn kept(options: &DaemonOptions) -> Result<(Option<Kept>, Option<LockFile>), DaemonError> {
    let (mut kept, lock) = match &options.persist_dir {
        Some(dir) => Kept::in_dir(dir).map(|(kept, lock)| (Some(kept), Some(lock)))?,
        None => (options.persist.then(|| Kept::in_home(&options.home)), None),
    };
    if let (Some(kept), Some(root)) = (&mut kept, &options.version_root) {
        kept.repos.clone_from(root);
    }
    Ok((kept, lock))
}
