//! The network settings in force: the environment, then what the node keeps.

use super::DaemonError;
use crate::client::Network;
use crate::state::{Home, NodeConfig};
use crate::telemetry::forget_in_logs;

/// What the environment of this process says.
pub(super) fn of_environment() -> Network {
    let network = Network::of_environment(&|name| std::env::var_os(name));
    network.secrets().iter().for_each(forget_in_logs);
    network
}

/// The settings by which the node of that configuration reaches its gateway from here.
pub fn network(config: &NodeConfig) -> Network {
    let network = of_environment().or(crate::relay::network(config));
    network.secrets().iter().for_each(forget_in_logs);
    network
}

/// The settings for joining: what is chosen, then the environment, then what the node keeps.
///
/// # Errors
/// When what it keeps cannot be read.
pub fn network_for(home: &Home, chosen: &Network) -> Result<Network, DaemonError> {
    let network = chosen.clone().or(network(&NodeConfig::load(home)?));
    network.secrets().iter().for_each(forget_in_logs);
    Ok(network)
}

/// Keeps what is chosen, and else what the environment says, for a service that has no environment. Whether that changed
/// anything.
///
/// # Errors
/// When the settings cannot be read or written.
pub fn keep_network(home: &Home, chosen: &Network) -> Result<bool, DaemonError> {
    let before = NodeConfig::load(home)?;
    let mut config = before.clone();
    crate::relay::keep_network(&mut config, &network_for(home, chosen)?);
    if config == before {
        return Ok(false);
    }
    config.store(home)?;
    Ok(true)
}
