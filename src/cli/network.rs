//! Options of commands that join a gateway: how it is reached.

use crate::base::Secret;
use crate::client::{Given, Network};
use crate::telemetry::forget_in_logs;
use clap::Args;
use std::path::PathBuf;

/// Network settings. They are kept in config.json, because a service has no environment; so are HTTPS_PROXY, HTTP_PROXY,
/// ALL_PROXY, NO_PROXY and WAYPOST_CA_FILE of the environment. An empty text takes a kept one away.
#[derive(Debug, Clone, Default, Args)]
pub struct NetworkArgs {
    /// The proxy through which the gateway is reached [default: the environment's, else the one set before]
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub proxy: Option<Secret>,
    /// Hosts that are reached without it: names with their subdomains, addresses, networks, *
    #[arg(long, value_name = "LIST")]
    pub no_proxy: Option<String>,
    /// A PEM file of certificate authorities to trust beside the platform's own
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

impl NetworkArgs {
    /// The settings, none where nothing was said.
    pub fn network(&self) -> Network {
        fn given<T: Clone>(flag: &str, value: Option<&T>) -> Option<Given<T>> {
            value.map(|value| Given { value: value.clone(), from: flag.to_owned() })
        }
        let network = Network {
            http_proxy: given("--proxy", self.proxy.as_ref()),
            https_proxy: given("--proxy", self.proxy.as_ref()),
            no_proxy: given("--no-proxy", self.no_proxy.as_ref()),
            ca_file: given("--ca-file", self.ca_file.as_ref()),
        };
        network.secrets().iter().for_each(forget_in_logs);
        network
    }
}

#[allow(clippy::unnecessary_wraps, reason = "clap's signature")]
fn secret(text: &str) -> Result<Secret, String> {
    Ok(Secret::new(text))
}
