//! The network settings in force: the environment, then what the node keeps.

use crate::client::Network;
use crate::state::NodeConfig;
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
