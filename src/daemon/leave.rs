//! The end of a node at its gateway.

use super::DaemonError;
use super::setup::call_error;
use crate::relay::connect;
use crate::state::{Credentials, Home, NodeConfig};
use crate::wire::node::UninstallRequest;

/// Tells the gateway that the node has left for good: its token is worth nothing from then on. `manager` is the service
/// manager it was a service of.
///
/// # Errors
/// [`DaemonError::NotSetUp`] when there is no gateway to tell; else what the call failed with.
pub async fn leave(home: &Home, manager: &str) -> Result<(), DaemonError> {
    let config = NodeConfig::load(home)?;
    let node_id = config.node_id.clone().ok_or(DaemonError::NotSetUp)?;
    let client = connect(&config, &Credentials::of(home))?;
    let request = UninstallRequest {
        node_id,
        reason: "node_uninstall".to_owned(),
        source: "mswarm_node_uninstall".to_owned(),
        node_version: env!("CARGO_PKG_VERSION").to_owned(),
        service_manager: Some(manager.to_owned()),
    };
    client.uninstall(&request).await.map(drop).map_err(|failed| call_error(&failed))
}
