//! Joining as nodes did before bootstrap: an operator made the node and gave its id and a token to trade.

use super::error::SetupError;
use super::health::iso;
use super::network::{keep, network};
use super::setup::{adopt_gateway, forget_gateway, keep_signing_secret};
use crate::base::Secret;
use crate::client::{GatewayUrl, Network, NodeClient, http_client};
use crate::state::{Credentials, Home, NodeConfig};
use crate::wire::node::{EnrollRequest, RelayPaths};
use serde::Serialize;
use std::path::PathBuf;
use std::time::SystemTime;

/// What an enrolment takes.
#[derive(Debug)]
pub struct Enrolment {
    /// The gateway; none for the one joined before.
    pub gateway: Option<String>,
    /// Who the operator made; none for who the node is.
    pub node_id: Option<String>,
    /// `mse_…`; none when the node may have its own token already. Used for one call, never stored.
    pub token: Option<Secret>,
    /// The node's name when it has none.
    pub name: String,
    /// How the gateway is reached.
    pub network: Network,
    /// The version of the program.
    pub version: String,
}

/// What an enrolment came to.
#[derive(Debug, Clone, Serialize)]
pub struct Enrolled {
    /// True.
    pub enrolled: bool,
    /// Where the settings are.
    pub state_path: PathBuf,
    /// Who the node is.
    pub node_id: String,
    /// The gateway in force.
    pub gateway: String,
    /// Whether a token was traded now; false when the node had its own.
    pub traded: bool,
}

/// Makes sure that the node has a token of its own. What is set up already stays as it is.
///
/// # Errors
/// [`SetupError`]; nothing changes on disk then.
pub async fn enroll(home: &Home, given: Enrolment) -> Result<Enrolled, SetupError> {
    home.prepare()?;
    let mut config = NodeConfig::load(home)?;
    let address = given.gateway.as_deref().or(config.gateway_base_url.as_deref()).ok_or(SetupError::NoGateway)?;
    let gateway = GatewayUrl::parse(address)?;
    let node_id = given.node_id.clone().or(config.node_id.clone()).ok_or(SetupError::NoNodeId)?;
    let same_gateway = config.gateway_base_url.is_none() || config.is_joined_at(gateway.as_str());
    let same = same_gateway && config.node_id.as_deref() == Some(node_id.as_str());
    let mut traded = false;
    if !same || Credentials::of(home).token()?.is_none() {
        let token = given.token.filter(|token| !token.is_empty()).ok_or(SetupError::NoEnrolmentToken)?;
        if !same_gateway {
            forget_gateway(&mut config);
        }
        let reached = given.network.or(network(&config));
        let http = http_client(&gateway, &reached)?;
        let client = NodeClient::new(http, gateway.clone(), RelayPaths::default(), Secret::new(""));
        let body = EnrollRequest { node_id: node_id.clone(), enrollment_token: token.expose().to_owned() };
        let answer =
            client.enroll(&body).await.map_err(|call| SetupError::Call { gateway: gateway.to_string(), call })?;
        let own = Secret::new(answer.runtime_token.as_str());
        if own.is_empty() {
            return Err(SetupError::Incomplete("runtime token"));
        }
        keep(&mut config, &reached);
        config.machine_fingerprint = Some(home.fingerprint()?.to_string());
        config.node_id = Some(node_id.clone());
        // The operator may have made the node with a name.
        let named = answer.node.and_then(|node| node.server_name).filter(|name| !name.trim().is_empty());
        config.server_name = named.or(config.server_name).or(Some(given.name));
        config.relay_mode.get_or_insert_with(|| "outbound".to_owned());
        config.heartbeat_interval_seconds =
            Some(answer.heartbeat_interval_seconds.or(config.heartbeat_interval_seconds).unwrap_or(30));
        config.heartbeat_timeout_seconds = answer.heartbeat_timeout_seconds.or(config.heartbeat_timeout_seconds);
        config.config_version = answer.config_version.or(config.config_version);
        config.node_version = Some(given.version);
        config.enrolled_at.get_or_insert_with(|| iso(SystemTime::now()));
        config.updated_at = Some(iso(SystemTime::now()));
        adopt_gateway(&mut config, &gateway, answer.relay)?;
        let credentials = Credentials::of(home);
        credentials.store(&own)?;
        keep_signing_secret(&credentials, answer.invocation_signing_secret.map(Secret::new), !same)?;
        config.store(home)?;
        traded = true;
    }
    let gateway = config.gateway_base_url.unwrap_or_default();
    Ok(Enrolled { enrolled: true, state_path: home.config(), node_id, gateway, traded })
}
