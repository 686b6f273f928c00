//! Where a node says that it is reached, and whether this gateway may go there.

use crate::base::{Pin, Secret, random_token};
use crate::gateway::config::GatewayConfig;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{NodeDoor, StoreError};
use crate::wire::gateway::DirectView;
use crate::wire::node::{BootstrapRequest, HeartbeatRequest};
use reqwest::Url;
use std::net::IpAddr;
use std::time::Instant;

/// Where a node is reached directly, as it says itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    url: Option<String>,
    fingerprint: Option<String>,
}

impl Reach {
    /// From a heartbeat; none from a node of protocol 1, which says it at bootstrap alone.
    pub(crate) fn of(request: &HeartbeatRequest) -> Option<Self> {
        if request.runtime_protocol_version < 2 {
            return None;
        }
        if request.runtime.relay_mode != "direct" {
            return Some(Self::default());
        }
        Some(Self { url: request.direct_base_url.clone(), fingerprint: request.direct_fingerprint.clone() })
    }

    /// What of it can be used here.
    fn usable(self, config: &GatewayConfig, node: &str) -> Self {
        let Some(url) = &self.url else { return Self::default() };
        let pin = self.fingerprint.as_deref().map(str::parse::<Pin>).transpose();
        let wrong = match (check(url, config), &pin) {
            (Err(wrong), _) => wrong.to_owned(),
            (Ok(()), Err(wrong)) => format!("its fingerprint: {wrong}"),
            (Ok(()), Ok(_)) => {
                let fingerprint = pin.ok().flatten().map(|pin| pin.to_string());
                return Self { url: Some(url.trim_end_matches('/').to_owned()), fingerprint };
            }
        };
        tracing::warn!(node, url, wrong, "a node's address is not used: the relay is");
        Self::default()
    }
}

/// The door that a joining node asks for, with a new secret. Nodes of protocol 1 in mode direct serve no `/v1`, and stop
/// polling: they get none.
pub(crate) fn asked(config: &GatewayConfig, request: &BootstrapRequest) -> NodeDoor {
    let is_direct = request.relay_mode == "direct" && request.runtime_protocol_version.unwrap_or(1) >= 2;
    let reach = Reach {
        url: request.direct_base_url.clone().filter(|_| is_direct),
        fingerprint: request.direct_fingerprint.clone(),
    };
    let reach = reach.usable(config, &request.server_name);
    NodeDoor { url: reach.url, fingerprint: reach.fingerprint, secret: Secret::new(random_token("mss")) }
}

/// The door of a node that has not said where it is: its next heartbeat may.
pub(crate) fn closed() -> NodeDoor {
    NodeDoor { url: None, fingerprint: None, secret: Secret::new(random_token("mss")) }
}

/// Whether a gateway may call an address that a node has named. A gateway that others can use does not call what is on its
/// own machine, whoever asks for that.
fn check(url: &str, config: &GatewayConfig) -> Result<(), &'static str> {
    let url = Url::parse(url).map_err(|_| "it is not a URL")?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    let is_loopback = host == "localhost"
        || host.ends_with(".localhost")
        || address.is_some_and(|address| address.is_loopback() || address.is_unspecified());
    let is_link_local = match address {
        Some(IpAddr::V4(address)) => address.is_link_local(),
        Some(IpAddr::V6(address)) => address.is_unicast_link_local(),
        None => false,
    };
    let is_local = config.listen.ip().is_loopback() && !config.behind_proxy;
    let is_bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    match url.scheme() {
        _ if host.is_empty() || !is_bare => Err("it has no host, or has credentials or a query"),
        _ if (is_loopback && !is_local) || is_link_local => Err("it is on the gateway's own machine or link"),
        "https" => Ok(()),
        "http" if is_loopback => Ok(()),
        _ => Err("it is not https"),
    }
}

impl Gateway {
    /// Keeps the door of a node that has joined.
    pub(crate) async fn keep_door(&self, node_id: &str, door: NodeDoor) -> Result<(), StoreError> {
        self.store.put_door(node_id, door).await?;
        self.doors.forget(node_id);
        Ok(())
    }

    /// Takes in where a node says that it is reached now.
    pub(crate) async fn move_door(&self, node_id: &str, reach: Reach) -> Result<(), StoreError> {
        if self.doors.was_told(node_id, &reach) {
            return Ok(());
        }
        let usable = reach.clone().usable(&self.config, node_id);
        let same = |door: &NodeDoor| door.url == usable.url && door.fingerprint == usable.fingerprint;
        if self.store.door(node_id).await?.is_some_and(|door| !same(&door)) {
            tracing::info!(node_id, url = usable.url, "a node is reached directly at another address or certificate");
            self.store.move_door(node_id, usable.url, usable.fingerprint).await?;
            self.doors.forget(node_id);
        }
        self.doors.told(node_id, reach);
        Ok(())
    }

    /// The door as callers see it.
    pub(crate) async fn direct_view(&self, node_id: &str) -> Result<Option<DirectView>, Refusal> {
        let Some(door) = self.store.door(node_id).await? else { return Ok(None) };
        let Some(url) = door.url else { return Ok(None) };
        let (problem, until) = self.doors.problem(node_id).unzip();
        let retry_in = until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default();
        let retry_in_ms = u64::try_from(retry_in.as_millis()).unwrap_or(u64::MAX);
        Ok(Some(DirectView { url, fingerprint: door.fingerprint, problem, retry_in_ms }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_for_others_does_not_call_its_own_machine() {
        let own = GatewayConfig::new("127.0.0.1:0".parse().unwrap(), "/tmp");
        let public = GatewayConfig { behind_proxy: true, ..own.clone() };
        for (url, here, there) in [
            ("https://node.example.com", true, true),
            ("https://node.example.com:8443/waypost", true, true),
            ("https://10.0.0.7", true, true),
            ("https://127.0.0.1:8443", true, false),
            ("https://[::1]:8443", true, false),
            ("https://[::ffff:127.0.0.1]:1", true, false),
            ("https://localhost", true, false),
            ("https://0.0.0.0", true, false),
            ("http://127.0.0.1:18083", true, false),
            ("http://node.example.com", false, false),
            ("https://169.254.169.254", false, false),
            ("https://me:secret@node.example.com", false, false),
            ("ftp://node.example.com", false, false),
            ("nonsense", false, false),
        ] {
            assert_eq!((check(url, &own).is_ok(), check(url, &public).is_ok()), (here, there), "{url}");
        }
    }
}
