//! Which proxy is in force, and whether a service would have it too.

use super::super::check::Check;
use crate::client::{GatewayUrl, HttpError, Network, shown_proxy};
use crate::state::NodeConfig;

/// A setting that cannot be used, so that nothing else can be tried.
pub fn wrong(problem: &HttpError) -> Check {
    let fix = "correct it with `waypost node setup KEY` and --proxy URL, --no-proxy LIST or --ca-file FILE (an empty text takes one \
               away), or in the environment";
    Check::bad("proxy", problem.to_string(), fix)
}

pub fn check(gateway: &GatewayUrl, network: &Network, config: &NodeConfig) -> Check {
    let Some(proxy) = network.proxy_for(gateway) else { return none(gateway, network) };
    let message = format!("{gateway} goes through {} ({})", shown_proxy(&proxy.value), proxy.from);
    let kept = if gateway.is_plain() { &config.http_proxy } else { &config.https_proxy };
    if kept.as_ref() == Some(&proxy.value) {
        return Check::good("proxy", message);
    }
    let fix = "run `waypost node setup KEY` in this environment, which keeps it in config.json";
    Check::warning("proxy", format!("{message}; a service does not have this environment"), fix)
}

fn none(gateway: &GatewayUrl, network: &Network) -> Check {
    let set = if gateway.is_plain() { &network.http_proxy } else { &network.https_proxy };
    let message = match set.as_ref().filter(|proxy| !proxy.value.is_empty()) {
        None => "none is set".to_owned(),
        Some(proxy) if gateway.is_loopback() => {
            format!("{} ({}) is not used: the gateway is on this machine", shown_proxy(&proxy.value), proxy.from)
        }
        Some(proxy) => {
            let list = network.no_proxy.as_ref().map(|list| list.from.as_str()).unwrap_or_default();
            format!("{} ({}) is not used: {list} names the gateway", shown_proxy(&proxy.value), proxy.from)
        }
    };
    Check::good("proxy", message)
}
