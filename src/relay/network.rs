//! The network settings in `config.json`, read and kept.

use crate::base::Secret;
use crate::client::{Given, Network};
use crate::state::NodeConfig;

/// The settings that a node keeps, for a process that has no environment.
pub fn network(config: &NodeConfig) -> Network {
    fn given<T>(key: &str, value: Option<T>) -> Option<Given<T>> {
        value.map(|value| Given { value, from: format!("{key} in config.json") })
    }
    Network {
        http_proxy: given("http_proxy", config.http_proxy.clone()),
        https_proxy: given("https_proxy", config.https_proxy.clone()),
        no_proxy: given("no_proxy", config.no_proxy.clone()),
        ca_file: given("ca_file", config.ca_file.clone()),
    }
}

/// Keeps the settings in force; an empty one takes away what was kept.
pub fn keep(config: &mut NodeConfig, network: &Network) {
    let proxy =
        |given: &Option<Given<Secret>>| given.clone().map(|given| given.value).filter(|value| !value.is_empty());
    config.http_proxy = proxy(&network.http_proxy);
    config.https_proxy = proxy(&network.https_proxy);
    config.no_proxy = network.no_proxy.clone().map(|given| given.value).filter(|list| !list.trim().is_empty());
    let file = network.ca_file.clone().map(|given| given.value).filter(|file| !file.as_os_str().is_empty());
    config.ca_file = file.map(|file| std::path::absolute(&file).unwrap_or(file));
}
