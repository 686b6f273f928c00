//! Calls about the node's membership that need no running node: whether a key is good, how the gateway sees the node, leaving.

use super::DaemonError;
use super::network::network;
use super::setup::{call_error, call_error_at};
use crate::base::Secret;
use crate::client::{CallErrorKind, GatewayUrl, Network, NodeClient, http_client};
use crate::relay::{RelayError, connect};
use crate::state::{Credentials, Home, NodeConfig};
use crate::wire::node::{KeyAnswer, OwnNode, RelayPaths, UninstallRequest};

/// Whether a key could join a node to a gateway. Spends no use of it and changes nothing. None when the gateway does not say;
/// then only joining shows it.
///
/// # Errors
/// [`DaemonError::Unauthorized`] with the gateway's reason when the key is not good; when the gateway cannot be reached.
pub async fn check_key(gateway: &str, key: &Secret, network: &Network) -> Result<Option<KeyAnswer>, DaemonError> {
    let client = stranger(gateway, network)?;
    match client.check_key(key).await.map_err(|failed| call_error_at(gateway, &failed))? {
        Some(answer) if !answer.ok => {
            Err(DaemonError::Unauthorized(answer.problem.unwrap_or_else(|| "the key is not good".to_owned())))
        }
        answer => Ok(answer),
    }
}

/// Whether a gateway answers at that address.
///
/// # Errors
/// When it does not, or something else does.
pub async fn reach(gateway: &str, network: &Network) -> Result<(), DaemonError> {
    stranger(gateway, network)?.healthz().await.map(drop).map_err(|failed| call_error_at(gateway, &failed))
}

/// A client that the gateway does not know.
fn stranger(gateway: &str, network: &Network) -> Result<NodeClient, DaemonError> {
    let gateway = GatewayUrl::parse(gateway).map_err(|wrong| DaemonError::Usage(wrong.to_string()))?;
    let http = http_client(&gateway, network).map_err(|failed| DaemonError::Config(failed.to_string()))?;
    Ok(NodeClient::new(http, gateway, RelayPaths::default(), Secret::new("")))
}

/// How the gateway sees this node; the live node is not disturbed. None when the gateway does not say.
///
/// # Errors
/// [`DaemonError::NotSetUp`], [`DaemonError::TokenRefused`], [`DaemonError::NodeRemoved`], or when the gateway cannot be
/// reached.
pub async fn own_node(home: &Home) -> Result<Option<OwnNode>, DaemonError> {
    let client = joined(home)?.1;
    client.own().await.map_err(|failed| match &failed.kind {
        CallErrorKind::Unauthorized { .. } => DaemonError::TokenRefused(client.gateway().to_string()),
        CallErrorKind::Gone { .. } => DaemonError::NodeRemoved(client.gateway().to_string()),
        _ => call_error(&failed),
    })
}

/// What came of leaving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// The gateway removed the node; its token is worth nothing any more.
    Now(String),
    /// The gateway had removed it before, or does not know its token.
    Before(String),
}

/// Tells the gateway that this node leaves. The node must not run any more; its files are left to the caller. Setting the
/// same machine up again brings the same node back. `service_manager`: `systemd`, `launchd`, `windows-task-scheduler`.
///
/// # Errors
/// [`DaemonError::NotSetUp`], or when the gateway cannot be told.
pub async fn leave(home: &Home, service_manager: Option<&str>) -> Result<Left, DaemonError> {
    let (config, client) = joined(home)?;
    let request = UninstallRequest {
        node_id: config.node_id.unwrap_or_default(),
        reason: "node_uninstall".to_owned(),
        // The word that gateways of protocol 1 know.
        source: "mswarm_node_uninstall".to_owned(),
        node_version: env!("CARGO_PKG_VERSION").to_owned(),
        service_manager: service_manager.map(str::to_owned),
    };
    let gateway = client.gateway().to_string();
    match client.uninstall(&request).await {
        Ok(_) => Ok(Left::Now(gateway)),
        Err(failed) => match &failed.kind {
            CallErrorKind::Gone { .. } | CallErrorKind::Unauthorized { by_gateway: true, .. } => {
                Ok(Left::Before(gateway))
            }
            _ => Err(call_error(&failed)),
        },
    }
}

fn joined(home: &Home) -> Result<(NodeConfig, NodeClient), DaemonError> {
    let config = NodeConfig::load(home)?;
    if config.node_id.is_none() {
        return Err(RelayError::NotJoined.into());
    }
    let client = connect(&config, &Credentials::of(home), network(&config))?;
    Ok((config, client))
}
