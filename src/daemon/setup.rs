//! Joining a gateway, with what this machine says of itself.

use super::DaemonError;
use super::network::of_environment;
use crate::base::Secret;
use crate::client::{CallError, CallErrorKind, GatewayUrl};
use crate::relay::{Joining, SetupChoices, SetupError, SetupOutcome, SetupRequest};
use crate::state::{Home, InstanceLock, NodeConfig};

/// What joining takes from the owner.
#[derive(Debug)]
pub struct NodeSetup {
    /// A key of scope `enroll`, or the owner's handle.
    pub joining: Joining,
    /// What the owner chooses. Of the network the environment is weaker than this and stronger than what was kept.
    pub choices: SetupChoices,
}

/// Joins, or joins again: the same machine stays the same node.
///
/// # Errors
/// When the gateway does not take the key, cannot be reached, or the node's files cannot be written.
pub async fn setup(home: &Home, wanted: NodeSetup) -> Result<SetupOutcome, DaemonError> {
    refuse_to_move(home, wanted.choices.gateway.as_deref())?;
    let joined = crate::relay::setup(home, request(wanted)).await?;
    if running(home)?.is_none() {
        // What an earlier run ended with is over; without the file nothing is said.
        let _ = std::fs::remove_file(home.status());
    }
    Ok(joined)
}

/// Whether joining with these choices would change what the node's settings say now.
///
/// # Errors
/// For choices that do not go together, and settings that cannot be read.
pub fn would_change(home: &Home, choices: SetupChoices) -> Result<bool, DaemonError> {
    let request = request(NodeSetup { joining: Joining::Key(Secret::new("")), choices });
    Ok(crate::relay::would_change(&NodeConfig::load(home)?, &request)?)
}

fn request(wanted: NodeSetup) -> SetupRequest {
    let network = wanted.choices.network.clone().or(of_environment());
    SetupRequest {
        joining: wanted.joining,
        choices: SetupChoices { network, ..wanted.choices },
        hostname: gethostname::gethostname().to_string_lossy().into_owned(),
        default_slots: cores(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        fingerprint: super::direct::fingerprint,
    }
}

/// A running node reads its token again when its gateway refuses the old one. It must not find one of another gateway.
fn refuse_to_move(home: &Home, wanted: Option<&str>) -> Result<(), DaemonError> {
    let other = running(home)?.filter(|pid| *pid != std::process::id());
    let (Some(pid), Some(wanted)) = (other, wanted) else { return Ok(()) };
    let config = NodeConfig::load(home)?;
    let is_joined = |wanted: GatewayUrl| config.is_joined_at(wanted.as_str());
    match &config.gateway_base_url {
        Some(joined) if GatewayUrl::parse(wanted).is_ok_and(|wanted| !is_joined(wanted)) => Err(DaemonError::Usage(
            format!("the node is running for {joined} (process {pid}): stop it before it joins another gateway"),
        )),
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
pub(super) fn call_error_at(gateway: &str, error: &CallError) -> DaemonError {
    let text = if gateway.is_empty() { error.to_string() } else { format!("{gateway}: {}", error.kind) };
    match &error.kind {
        CallErrorKind::Unauthorized { message, .. } => DaemonError::Unauthorized(message.clone()),
        CallErrorKind::Gone { message, .. } => DaemonError::Unauthorized(message.clone()),
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
            SetupError::NoGateway
            | SetupError::NoKey
            | SetupError::NoNodeId
            | SetupError::NoEnrolmentToken
            | SetupError::Gateway(_)
            | SetupError::Choice(_) => Self::Usage(error.to_string()),
            SetupError::Http(failed) => Self::Config(failed.to_string()),
            SetupError::Call { gateway, call } => call_error_at(&gateway, &call),
            SetupError::State(failed) => Self::State(failed),
            SetupError::NotApproved { .. } => Self::Late(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}
