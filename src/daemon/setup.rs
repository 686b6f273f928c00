//! Joining a gateway, with what this machine says of itself.

use super::DaemonError;
use super::network::of_environment;
use crate::base::Secret;
use crate::client::{CallError, CallErrorKind, GatewayUrl, Network};
use crate::relay::{SetupError, SetupOutcome, SetupRequest};
use crate::state::{Home, InstanceLock, NodeConfig};
use std::collections::BTreeMap;

/// What the owner says. What is not given stays as an earlier setup left it.
#[derive(Debug)]
pub struct NodeSetup {
    /// A key of scope `enroll`. Used for one call, never stored.
    pub key: Secret,
    /// The gateway.
    pub gateway: Option<String>,
    /// The node's name.
    pub name: Option<String>,
    /// Labels by which jobs may choose the node.
    pub labels: Option<BTreeMap<String, String>>,
    /// Slots.
    pub max_concurrent_jobs: Option<u32>,
    /// How the gateway is reached; stronger than the environment, which is stronger than what was kept.
    pub network: Network,
}

/// Joins, or joins again: the same machine stays the same node.
///
/// # Errors
/// When the gateway does not take the key, cannot be reached, or the node's files cannot be written.
pub async fn setup(home: &Home, wanted: NodeSetup) -> Result<SetupOutcome, DaemonError> {
    refuse_to_move(home, wanted.gateway.as_deref())?;
    let request = SetupRequest {
        owner_key: wanted.key,
        gateway: wanted.gateway,
        name: wanted.name,
        hostname: gethostname::gethostname().to_string_lossy().into_owned(),
        labels: wanted.labels,
        max_concurrent_jobs: wanted.max_concurrent_jobs,
        default_slots: cores(),
        drain_mode: None,
        heartbeat_interval_seconds: None,
        client_allowlist: None,
        network: wanted.network.or(of_environment()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(crate::relay::setup(home, request).await?)
}

/// A running node reads its token again when its gateway refuses the old one. It must not find one of another gateway.
fn refuse_to_move(home: &Home, wanted: Option<&str>) -> Result<(), DaemonError> {
    let other = running(home)?.filter(|pid| *pid != std::process::id());
    let (Some(pid), Some(wanted)) = (other, wanted) else { return Ok(()) };
    match NodeConfig::load(home)?.gateway_base_url {
        Some(joined) if GatewayUrl::parse(wanted).is_ok_and(|wanted| wanted.as_str() != joined) => {
            Err(DaemonError::Usage(format!(
                "the node is running for {joined} (process {pid}): stop it before it joins another gateway"
            )))
        }
        _ => Ok(()),
    }
}

/// The process that runs as this node, if one does. It keeps what it started with until it is started again.
///
/// # Errors
/// When the lock cannot be read.
pub fn running(home: &Home) -> Result<Option<u32>, DaemonError> {
    Ok(InstanceLock::holder(home)?)
}

/// How many jobs a node takes at a time unless its owner says otherwise.
pub(super) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
}

/// What a failed call to the gateway means for the role that made it.
pub(super) fn call_error(error: &CallError) -> DaemonError {
    call_error_at("", error)
}

/// The same with the gateway's address before the sentence.
fn call_error_at(gateway: &str, error: &CallError) -> DaemonError {
    let text = if gateway.is_empty() { error.to_string() } else { format!("{gateway}: {}", error.kind) };
    match &error.kind {
        CallErrorKind::Unauthorized { message } => DaemonError::Unauthorized(message.clone()),
        CallErrorKind::Gone { message } => DaemonError::Unauthorized(message.clone()),
        CallErrorKind::Status { status: 403, message, .. } => DaemonError::Unauthorized(message.clone()),
        CallErrorKind::Transport { .. } | CallErrorKind::Timeout => DaemonError::Gateway(text),
        CallErrorKind::Undecodable { .. } | CallErrorKind::Status { status: 404 | 405, .. } => {
            DaemonError::Foreign(text)
        }
        _ => DaemonError::Failed(text),
    }
}

impl From<SetupError> for DaemonError {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::NoGateway | SetupError::NoKey | SetupError::Gateway(_) => Self::Usage(error.to_string()),
            SetupError::Http(failed) => Self::Config(failed.to_string()),
            SetupError::Call { gateway, call } => call_error_at(&gateway, &call),
            SetupError::State(failed) => Self::State(failed),
            other => Self::Failed(other.to_string()),
        }
    }
}
