//! The steps in their order.

use super::super::check::Check;
use super::{authorisation, clock, dns, gateway, proxy, tcp, tls};
use crate::client::{GatewayUrl, Probe, proxy_endpoint};
use crate::state::{Credentials, Home, NodeConfig};
use std::time::Duration;

/// All steps; each look takes `patience` at most.
pub async fn checks(home: &Home, config: &NodeConfig, patience: Duration) -> Vec<Check> {
    let address = config.gateway_base_url.as_deref().unwrap_or_default();
    let url = match GatewayUrl::parse(address) {
        Ok(url) => url,
        Err(wrong) => {
            return vec![Check::bad(
                "gateway",
                wrong.to_string(),
                "join again with `waypost node setup KEY --gateway URL`",
            )];
        }
    };
    let network = crate::daemon::network(config);
    let endpoint = match network.proxy_for(&url).map(proxy_endpoint).transpose() {
        Ok(endpoint) => endpoint.flatten(),
        Err(wrong) => return vec![proxy::wrong(&wrong)],
    };
    let probe = match Probe::new(&url, &network, patience) {
        Ok(probe) => probe,
        Err(wrong) => return vec![proxy::wrong(&wrong)],
    };
    let mut checks = vec![proxy::check(&url, &network, config)];
    let through = network.proxy_for(&url).map(|proxy| crate::client::shown_proxy(&proxy.value));
    let target = endpoint.unwrap_or_else(|| url.endpoint());
    let (resolved, addresses) = dns::check(&target, patience).await;
    checks.push(resolved);
    checks.push(tcp::check(&addresses, through.as_deref(), patience).await);
    let answer = probe.health().await;
    checks.push(tls::check(&url, &network, &probe, &answer));
    let reached = gateway::check(&url, through.as_deref(), &answer, &checks);
    checks.push(reached);
    checks.push(clock::check(&answer));
    let token = Credentials::of(home).token().ok().flatten();
    checks.push(match (token, &answer) {
        (_, Err(_)) => Check::note("authorisation", "not asked: the gateway does not answer"),
        (None, _) => Check::note("authorisation", "not asked: there is no token"),
        (Some(token), Ok(_)) => authorisation::check(&probe.myself(&token).await),
    });
    checks
}
