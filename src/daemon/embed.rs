//! The daemon inside another Rust program: a router to serve, and a handle to hold.

use super::DaemonError;
use super::engine::{Grants, Kept, open_engine};
use crate::api::{ApiConfig, Auth, router};
use crate::base::Shutdown;
use crate::jobs::{Engine, Outcome, RunContext};
use crate::state::LockFile;
use crate::wire::v1::OperationRequest;
use axum::Router;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;

/// What is built. The default keeps everything in memory, opens nothing of the machine, asks for no token and answers for
/// the names of loopback.
#[derive(Debug, Clone)]
pub struct BuildConfig {
    /// Where workspaces and jobs are kept; none keeps them in memory.
    pub data_dir: Option<PathBuf>,
    /// What workspaces may use of the machine.
    pub grants: Grants,
    /// What callers must show. Anything but a listener on loopback wants more than the default.
    pub auth: Auth,
    /// Hosts that a request may be for, without port; `*` allows all.
    pub allowed_hosts: Vec<String>,
}

impl Default for BuildConfig {
    fn default() -> Self {
        let ApiConfig { auth, allowed_hosts, .. } = ApiConfig::default();
        Self { data_dir: None, grants: Grants::default(), auth, allowed_hosts }
    }
}

/// What runs behind a router. Dropping it does not end it: [`Handle::shutdown`] does.
pub struct Handle {
    engine: Engine,
    shutdown: Shutdown,
    _lock: Option<LockFile>,
}

/// Builds `/v1`: serve the router at any listener, e.g. with `axum::serve`. `examples/embed.rs` shows all of it.
///
/// # Errors
/// When the data directory cannot be used or another process has it.
pub async fn build(config: BuildConfig) -> Result<(Router, Handle), DaemonError> {
    let (kept, lock) = match &config.data_dir {
        Some(dir) => Kept::in_dir(dir).map(|(kept, lock)| (Some(kept), Some(lock)))?,
        None => (None, None),
    };
    let engine = open_engine(kept.as_ref(), &config.grants).await?;
    let shutdown = Shutdown::new();
    let api = ApiConfig { auth: config.auth, allowed_hosts: config.allowed_hosts, ..ApiConfig::default() };
    let router = router(api, engine.clone(), shutdown.clone());
    Ok((router, Handle { engine, shutdown, _lock: lock }))
}

impl Handle {
    /// Runs an operation as a request would, without HTTP and with all rights: `workspaces.create` with
    /// `{"id": "demo", "config": {…}}`. The names are those of `docs/operations.md`.
    pub async fn call(&self, operation: &str, params: Map<String, Value>) -> Outcome {
        let request = OperationRequest { operation: operation.to_owned(), params, ..OperationRequest::default() };
        self.engine.run(request, RunContext::default()).await
    }

    /// Waits until somebody asks for the end, with `POST /v1/shutdown` or [`Handle::shutdown`]; made for
    /// `axum::serve(…).with_graceful_shutdown(…)`.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let draining = self.shutdown.draining().clone();
        async move { draining.cancelled().await }
    }

    /// Takes nothing new, lets background jobs go on for `grace`, cancels what still runs, and returns when all that was
    /// changed is on disk.
    pub async fn shutdown(self, grace: Duration) {
        if !self.shutdown.draining().is_cancelled() {
            self.shutdown.advance();
        }
        self.engine.shutdown(grace).await;
        self.shutdown.abort();
    }
}
