//! The node: its workspaces, its engine, its own `/v1`, and the relay, in that order up and the other way down.

use super::DaemonError;
use super::direct::{DirectDoor, DirectOptions};
use super::drain::follow;
use super::engine::{Grants, Kept, bind, open_engine};
use super::mswarm::routes;
use super::network::network;
use super::setup::{call_error, cores};
use super::supervise::Supervisor;
use crate::api::mswarm::Mswarm;
use crate::api::{ApiConfig, ApiServer, Auth};
use crate::base::{Shutdown, unix_ms};
use crate::client::NodeClient;
use crate::jobs::{Engine, Outcome, RunContext, Upload};
use crate::relay::{Executor, Intervals, OnceSummary, Relay, RelayError, RelayOptions, connect};
use crate::state::{
    Credentials, DirectStatus, Home, InstanceLock, InvocationConfig, NodeConfig, NodeStatus, StatusBoard,
};
use crate::telemetry::forget_in_logs;
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use async_trait::async_trait;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long background jobs may go on once the node is told to end; what a service manager grants is longer.
const BACKGROUND_GRACE: Duration = Duration::from_secs(20);

/// What a node is started with, beside what `setup` has kept.
#[derive(Debug, Clone)]
pub struct NodeOptions {
    /// Where it keeps itself.
    pub home: Home,
    /// Where it serves its own `/v1`.
    pub listen: SocketAddr,
    /// Whether any free port will do when that one is taken.
    pub or_any_port: bool,
    /// Slots; none takes what was set up, or the number of cores.
    pub max_concurrent_jobs: Option<u32>,
    /// What workspaces may reach beyond themselves.
    pub grants: Grants,
    /// What it takes from callers who reach it directly.
    pub invocations: InvocationConfig,
    /// How callers reach it directly, where that differs from what is kept.
    pub direct: DirectOptions,
}

impl NodeOptions {
    /// A node with the owner's defaults.
    pub fn new(home: Home, listen: SocketAddr) -> Self {
        Self {
            home,
            listen,
            or_any_port: false,
            max_concurrent_jobs: None,
            grants: Grants::default(),
            invocations: InvocationConfig::default(),
            direct: DirectOptions::default(),
        }
    }
}

/// A node that is ready to run.
pub struct NodeRole {
    engine: Engine,
    api: ApiServer,
    mswarm: Option<Arc<Mswarm>>,
    direct: Option<DirectDoor>,
    relay: Relay,
    board: Arc<StatusBoard>,
    home: Home,
    _lock: InstanceLock,
}

impl NodeRole {
    /// Opens everything the node keeps and listens.
    ///
    /// # Errors
    /// When it is not set up, its files cannot be used, or the address is taken.
    pub async fn open(options: NodeOptions, lock: InstanceLock) -> Result<Self, DaemonError> {
        let (board, connected) = prepare(&options)?;
        match Self::compose(options, connected, &board, lock).await {
            Ok(role) => Ok(role),
            Err(error) => {
                // Whoever asks how the node is shall see why nothing runs.
                board.condition("process", false, "failed", error.to_string());
                board.update(|status| "failed".clone_into(&mut status.state));
                board.run(cancelled()).await;
                Err(error)
            }
        }
    }

    async fn compose(
        options: NodeOptions,
        connected: Connected,
        board: &Arc<StatusBoard>,
        lock: InstanceLock,
    ) -> Result<Self, DaemonError> {
        let engine = open_engine(Some(&Kept::in_home(&options.home)), &options.grants).await?;
        let token = options.home.api_token_or_new()?;
        forget_in_logs(&token);
        let mswarm = routes(&options, &connected.config)?;
        let config = ApiConfig {
            listen: options.listen,
            auth: Auth::Token(token),
            mswarm: mswarm.clone(),
            ..ApiConfig::default()
        };
        let api = bind(config, options.or_any_port, &engine).await?;
        let url = format!("http://{}", api.local_addr());
        board.update(|status| status.api_url = Some(url));
        let kept = &connected.config;
        let direct = DirectDoor::open(&options.home, kept, &options.direct, mswarm.clone(), &engine, board).await?;
        let relay = connected.relay(Arc::new(Local(engine.clone())))?;
        Ok(Self { engine, api, mswarm, direct, relay, board: board.clone(), home: options.home, _lock: lock })
    }

    /// Where its own `/v1` is.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.api.local_addr())
    }

    /// Where callers reach it directly.
    pub fn direct(&self) -> Option<DirectStatus> {
        self.direct.as_ref().map(DirectDoor::status)
    }

    /// What it says of itself.
    pub fn status(&self) -> NodeStatus {
        self.board.snapshot()
    }

    /// Runs until told to end. The relay ends first: it takes nothing new and sends what is finished; then the listener;
    /// then what runs in the background.
    ///
    /// # Errors
    /// When a newer instance took over or the relay cannot go on.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), DaemonError> {
        let Self { engine, api, mswarm, direct, relay, board, home, _lock } = self;
        let written = CancellationToken::new();
        let supervisor = Supervisor::new(board.clone(), relay.progress(), shutdown.clone());
        let supervisor = tokio::spawn(supervisor.run(written.clone()));
        let following = tokio::spawn(follow(home, relay.drain(), written.clone()));
        let writer = tokio::spawn({
            let (board, written) = (board.clone(), written.clone());
            async move { board.run(written).await }
        });
        // The listener stays while the relay drains, so that its owner can look.
        let api_shutdown = Shutdown::new();
        let serving = tokio::spawn({
            let api_shutdown = api_shutdown.clone();
            async move { api.run(api_shutdown).await }
        });
        let direct = direct.map(|direct| tokio::spawn(direct.run(api_shutdown.clone(), relay.announce())));
        let asked = tokio::spawn(forward_shutdown(api_shutdown.clone(), shutdown.clone()));
        let draining = tokio::spawn(drained(mswarm.clone(), shutdown.clone()));
        let relayed = relay.run(shutdown.clone()).await;
        draining.abort();
        if !api_shutdown.draining().is_cancelled() {
            api_shutdown.advance();
        }
        let grace = if shutdown.aborting().is_cancelled() { Duration::ZERO } else { BACKGROUND_GRACE };
        let ended = async {
            tokio::join!(engine.shutdown(grace), async {
                if let Some(mswarm) = &mswarm {
                    mswarm.end(grace).await;
                }
            });
        };
        tokio::select! {
            () = ended => {}
            () = shutdown.aborting().cancelled() => engine.shutdown(Duration::ZERO).await,
        }
        api_shutdown.abort();
        let _ = serving.await;
        if let Some(direct) = direct {
            let _ = direct.await;
        }
        asked.abort();
        // Why it ended by itself is the last word: it says why nothing runs here.
        match &relayed {
            Ok(()) => board.update(|status| "stopped".clone_into(&mut status.state)),
            Err(RelayError::InstanceSuperseded | RelayError::Unauthorized(_) | RelayError::Removed(_)) => {
                board.condition("process", false, "ended", "the node ended by itself: see the link");
            }
            Err(error) => {
                board.condition("process", false, "failed", error.to_string());
                board.update(|status| "failed".clone_into(&mut status.state));
            }
        }
        written.cancel();
        let _ = writer.await;
        let _ = supervisor.await;
        following.abort();
        Ok(relayed?)
    }
}

fn cancelled() -> CancellationToken {
    let token = CancellationToken::new();
    token.cancel();
    token
}

/// `POST /v1/shutdown` ends the whole node, not only its listener.
async fn forward_shutdown(api: Shutdown, node: Shutdown) {
    api.draining().cancelled().await;
    if !node.draining().is_cancelled() {
        node.advance();
    }
}

/// What callers bring directly is not taken any more either, from when the node is told to end.
async fn drained(mswarm: Option<Arc<Mswarm>>, shutdown: Shutdown) {
    shutdown.draining().cancelled().await;
    if let Some(mswarm) = &mswarm {
        mswarm.drain();
    }
}

/// One heartbeat, one poll, everything that came, and the end.
///
/// # Errors
/// When it is not set up, its files cannot be used, or the gateway does not answer.
pub async fn once(options: NodeOptions, _lock: InstanceLock, shutdown: Shutdown) -> Result<OnceSummary, DaemonError> {
    let (_, connected) = prepare(&options)?;
    let engine = open_engine(Some(&Kept::in_home(&options.home)), &options.grants).await?;
    let relay = connected.relay(Arc::new(Local(engine.clone())))?;
    let summary = relay.once(shutdown).await?;
    engine.shutdown(Duration::ZERO).await;
    Ok(summary)
}

/// One heartbeat and nothing else, for whoever has just set the node up.
///
/// # Errors
/// When it is not set up, its files cannot be used, or the gateway does not accept it.
pub async fn greet(options: NodeOptions, _lock: InstanceLock) -> Result<(), DaemonError> {
    let (_, connected) = prepare(&options)?;
    Ok(connected.relay(Arc::new(Nobody))?.greet().await?)
}

/// Everything the relay needs but what runs its operations.
struct Connected {
    options: NodeOptions,
    config: NodeConfig,
    client: NodeClient,
    board: Arc<StatusBoard>,
}

fn prepare(options: &NodeOptions) -> Result<(Arc<StatusBoard>, Connected), DaemonError> {
    let home = &options.home;
    let mut config = NodeConfig::load(home)?;
    options.direct.over(&mut config)?;
    let credentials = Credentials::of(home);
    if let Some(token) = credentials.token()? {
        forget_in_logs(&token);
    }
    let client = connect(&config, &credentials, network(&config))?;
    let status = NodeStatus {
        pid: std::process::id(),
        role: "node".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_ms: unix_ms(),
        ..NodeStatus::default()
    };
    let board = Arc::new(StatusBoard::new(home, status));
    Ok((board.clone(), Connected { options: options.clone(), config, client, board }))
}

impl Connected {
    fn relay(self, executor: Arc<dyn Executor>) -> Result<Relay, DaemonError> {
        let slots = self.options.max_concurrent_jobs.or(self.config.max_concurrent_jobs).unwrap_or_else(cores);
        Ok(Relay::new(RelayOptions {
            credentials: Credentials::of(&self.options.home),
            home: self.options.home,
            config: self.config,
            client: self.client,
            executor,
            board: self.board,
            slots,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            intervals: Intervals::default(),
        })?)
    }
}

/// Runs nothing: there is nobody yet.
struct Nobody;

#[async_trait]
impl Executor for Nobody {
    async fn run(&self, _: OperationRequest, _: Option<Upload>, _: RunContext) -> Outcome {
        Outcome::failed(Failure::new(ErrorCode::Draining, "the node has not started yet"))
    }
}

/// The engine as the relay sees it.
struct Local(Engine);

#[async_trait]
impl Executor for Local {
    async fn run(&self, request: OperationRequest, upload: Option<Upload>, context: RunContext) -> Outcome {
        match upload {
            Some(archive) => self.0.load(request, archive, context).await,
            None => self.0.run(request, context).await,
        }
    }
}

impl From<RelayError> for DaemonError {
    fn from(error: RelayError) -> Self {
        match error {
            RelayError::NotJoined => Self::NotSetUp,
            RelayError::InstanceSuperseded => Self::Superseded,
            RelayError::Unauthorized(gateway) => Self::TokenRefused(gateway),
            RelayError::Removed(gateway) => Self::NodeRemoved(gateway),
            RelayError::Journal(failed) => Self::Database(failed),
            RelayError::State(failed) => Self::State(failed),
            RelayError::Gateway(failed) => Self::Config(failed.to_string()),
            RelayError::Http(failed) => Self::Config(failed.to_string()),
            RelayError::Call(failed) => call_error(&failed),
            other => Self::Failed(other.to_string()),
        }
    }
}
