//! The direct door of a node: its `/v1` at an address of its own, with TLS, for its owner and its gateway.

use super::DaemonError;
use super::certificate::{Upkeep, public_host};
use super::engine::bind;
use crate::api::mswarm::Mswarm;
use crate::api::{ApiConfig, ApiServer, Auth, Invocations, Rate, Rates};
use crate::base::{Secret, Shutdown};
use crate::client::GatewayUrl;
use crate::jobs::Engine;
use crate::relay::{RelayMode, SetupChoices, SetupError, merge_mode};
use crate::state::{Credentials, DirectConfig, DirectStatus, Home, NodeConfig, StatusBoard};
use crate::telemetry::forget_in_logs;
use crate::tls::Shelf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Whether others are to find the node at its direct door.
pub(super) fn is_told(config: &NodeConfig) -> bool {
    config.relay_mode.as_deref() == Some(RelayMode::Direct.as_str())
}

/// What is said about the direct door when a node starts; it counts for that run only.
#[derive(Debug, Clone, Default)]
pub struct DirectOptions {
    /// Whether it opens whatever the mode is.
    pub serve: bool,
    /// Whether callers reach the node there.
    pub mode: Option<RelayMode>,
    /// Where.
    pub url: Option<String>,
    /// How it listens.
    pub config: DirectConfig,
    /// The secret for tokens, instead of the one that the gateway gave.
    pub signing_secret: Option<Secret>,
}

impl DirectOptions {
    /// The settings of this run.
    ///
    /// # Errors
    /// For what does not go together.
    pub(super) fn over(&self, config: &mut NodeConfig) -> Result<(), DaemonError> {
        if self.mode.is_none() && self.url.is_none() && self.config == DirectConfig::default() {
            return Ok(());
        }
        let choices = SetupChoices {
            mode: self.mode,
            direct_url: self.url.clone(),
            direct: self.config.clone(),
            ..SetupChoices::default()
        };
        merge_mode(config, &choices).map_err(|wrong: SetupError| DaemonError::Usage(wrong.to_string()))
    }
}

/// The door, listening but not serving yet.
pub(super) struct DirectDoor {
    api: ApiServer,
    shelf: Option<Arc<Shelf>>,
    upkeep: Upkeep,
    board: Arc<StatusBoard>,
    status: DirectStatus,
    /// Whether others are to find the node there.
    is_told: bool,
}

impl DirectDoor {
    /// Opens the door of a node whose mode asks for it; none otherwise.
    ///
    /// # Errors
    /// When its settings do not go together, its certificate cannot be had or its address is taken.
    pub(super) async fn open(
        home: &Home,
        config: &NodeConfig,
        options: &DirectOptions,
        mswarm: Option<Arc<Mswarm>>,
        engine: &Engine,
        board: &Arc<StatusBoard>,
    ) -> Result<Option<Self>, DaemonError> {
        let is_told = is_told(config);
        if !is_told && !options.serve {
            return Ok(None);
        }
        let direct = config.direct.clone().unwrap_or_default();
        direct.check().map_err(DaemonError::Config)?;
        let (shelf, upkeep) = Upkeep::begin(home, config, &direct, board).await?;
        let tls = shelf.as_ref().map(Shelf::server_config).transpose();
        let auth = authentication(home, config, options)?;
        let default = Rates::default();
        let api = ApiConfig {
            listen: direct.listen(),
            tls: tls.map_err(|failed| DaemonError::Config(failed.to_string()))?,
            rates: Some(Rates {
                per_key: direct.rate_per_key.map_or(default.per_key, Rate::of),
                per_address: direct.rate_per_address.map_or(default.per_address, Rate::of),
            }),
            auth,
            mswarm,
            allowed_hosts: hosts(config, &direct),
            ..ApiConfig::default()
        };
        let api = bind(api, false, engine).await.map_err(elsewhere)?;
        let listen = api.local_addr();
        let scheme = if shelf.is_some() { "https" } else { "http" };
        let url = config.direct_base_url.clone().unwrap_or_else(|| format!("{scheme}://{listen}"));
        let status = DirectStatus { url, listen: listen.to_string(), ..DirectStatus::default() };
        let door = Self { api, shelf, upkeep, board: board.clone(), status, is_told };
        door.publish();
        Ok(Some(door))
    }

    /// Where callers reach it.
    pub(super) fn status(&self) -> DirectStatus {
        of(&self.status, self.shelf.as_deref())
    }

    /// Serves until told to end; `announce` has the gateway told when the certificate changes.
    pub(super) async fn run(self, shutdown: Shutdown, announce: impl Fn() + Send + 'static) {
        let Self { api, shelf, upkeep, board, status, is_told } = self;
        let end = CancellationToken::new();
        let upkeep = tokio::spawn(upkeep.run(end.clone()));
        let follower = shelf.map(|shelf| {
            tokio::spawn(async move {
                let mut changes = shelf.watch();
                while changes.changed().await.is_ok() {
                    publish(&board, is_told, of(&status, Some(&shelf)));
                    announce();
                }
            })
        });
        api.run(shutdown).await;
        end.cancel();
        let _ = upkeep.await;
        if let Some(follower) = follower {
            follower.abort();
        }
    }

    fn publish(&self) {
        publish(&self.board, self.is_told, self.status());
    }
}

/// What the gateway is told goes by the board. A door that is open for its owner only is not told.
fn publish(board: &StatusBoard, is_told: bool, status: DirectStatus) {
    let message = format!("callers reach the node at {} (it listens on {})", status.url, status.listen);
    board.condition("direct", true, if is_told { "open" } else { "open_untold" }, message);
    if is_told {
        board.update(|now| now.direct = Some(status));
    }
}

/// With what the certificate says now.
fn of(status: &DirectStatus, shelf: Option<&Shelf>) -> DirectStatus {
    let shown = shelf.and_then(|shelf| shelf.watch().borrow().clone());
    DirectStatus {
        fingerprint: shown.as_ref().map(|shown| shown.pin.to_string()),
        pinned: shown.as_ref().is_some_and(|shown| shown.self_signed),
        not_after: shown.and_then(|shown| shown.not_after),
        ..status.clone()
    }
}

fn authentication(home: &Home, config: &NodeConfig, options: &DirectOptions) -> Result<Auth, DaemonError> {
    let token = home.api_token_or_new()?;
    let (given, credentials) = (options.signing_secret.clone(), Credentials::of(home));
    let secret = match &given {
        Some(given) => Some(given.clone()),
        None => credentials.signing_secret()?,
    };
    if secret.is_none() {
        tracing::warn!("this gateway gave no secret for direct calls: only the node's own token opens its direct door");
    }
    let lookup = move || {
        let secret = given.clone().or_else(|| credentials.signing_secret().ok().flatten());
        if let Some(secret) = &secret {
            forget_in_logs(secret);
        }
        secret
    };
    let invocations = Arc::new(Invocations::new(config.node_id.clone().unwrap_or_default(), lookup));
    Ok(Auth::Direct { token, invocations })
}

/// The names that requests may be for.
fn hosts(config: &NodeConfig, direct: &DirectConfig) -> Vec<String> {
    let mut hosts: Vec<String> =
        public_host(config).into_iter().chain(direct.hosts.iter().flatten().cloned()).collect();
    let address = direct.listen().ip();
    if !address.is_unspecified() {
        hosts.push(address.to_string());
    }
    if address.is_loopback() {
        hosts.extend(["127.0.0.1", "localhost", "::1"].map(str::to_owned));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

/// By which fingerprint callers know the certificate of a node that is being set up. A certificate of its own is made now.
pub(super) fn fingerprint(home: &Home, config: &NodeConfig) -> Result<Option<String>, String> {
    if config.relay_mode.as_deref() != Some(RelayMode::Direct.as_str()) {
        return Ok(None);
    }
    let url = config.direct_base_url.as_deref().unwrap_or_default();
    let direct = config.direct.clone().unwrap_or_default();
    if direct.certificate.is_none() && GatewayUrl::parse(url).is_ok_and(|url| url.is_loopback() && !url.is_plain()) {
        return Err(format!("{url} needs a certificate: give --tls-cert and --tls-key, --acme or --self-signed"));
    }
    super::certificate::pin(home, config, &direct)
}

/// Its address is not the one that `--listen` gives.
fn elsewhere(failed: DaemonError) -> DaemonError {
    match failed {
        DaemonError::Listen { address, reason } => DaemonError::Config(format!(
            "the direct door cannot listen at {address}: {reason}: choose another address with --direct-listen"
        )),
        failed => failed,
    }
}
