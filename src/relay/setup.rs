//! Joining a gateway: the owner's key buys the node its own token.

use super::error::{RelayError, SetupError};
use super::health::iso;
use super::network::{keep, network};
use super::register::{ByHandle, register, registration_secret};
use crate::base::Secret;
use crate::client::{GatewayUrl, Network, NodeClient, http_client};
use crate::state::{AllowedClient, Credentials, DirectConfig, Home, NodeConfig};
use crate::wire::PROTOCOL;
use crate::wire::node::{BootstrapRequest, BootstrapResponse, ClientId, RegisterRequest, RelayPaths};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::SystemTime;

/// The longest name of a node.
const LONGEST_NAME: usize = 80;

/// What the owner chooses. What is not given stays as an earlier setup left it.
#[derive(Debug, Clone, Default)]
pub struct SetupChoices {
    /// The gateway.
    pub gateway: Option<String>,
    /// The node's name; any text, see [`node_name`].
    pub name: Option<String>,
    /// Labels by which jobs may choose the node.
    pub labels: Option<BTreeMap<String, String>>,
    /// Slots.
    pub max_concurrent_jobs: Option<u32>,
    /// Slots for model jobs; as many as slots unless given.
    pub max_concurrent_llm_jobs: Option<u32>,
    /// Slots beside those that only urgent jobs get.
    pub reserved_llm_jobs: Option<u32>,
    /// The highest priority number, -100 to 100, that counts as urgent.
    pub reserved_priority_max: Option<i64>,
    /// Whether the node takes no new jobs.
    pub drain_mode: Option<bool>,
    /// Seconds between heartbeats; the gateway may know better.
    pub heartbeat_interval_seconds: Option<u64>,
    /// Callers other than the owner.
    pub client_allowlist: Option<Vec<AllowedClient>>,
    /// Agents that are offered; empty: all that nothing else excludes.
    pub model_allowlist: Option<Vec<String>>,
    /// Agents that are never offered.
    pub model_blocklist: Option<Vec<String>>,
    /// Whether agents are offered that are in no list.
    pub expose_all: Option<bool>,
    /// Whether callers reach the node through the gateway or at its own address.
    pub mode: Option<RelayMode>,
    /// Where callers reach a node of mode `direct`.
    pub direct_url: Option<String>,
    /// How the node listens there.
    pub direct: DirectConfig,
    /// The secret of the gateway's tokens, for a gateway that gives none; wins over one that it gives.
    pub signing_secret: Option<Secret>,
    /// Whether heartbeats report load.
    pub load_reporting: Option<bool>,
    /// Whether heartbeats report hardware pressure.
    pub hardware_telemetry: Option<bool>,
    /// How the gateway is reached, as flags and environment say; kept, because a service has neither.
    pub network: Network,
}

/// How callers reach the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayMode {
    /// Through the gateway; no inbound port is open.
    Outbound,
    /// At its own address.
    Direct,
}

impl RelayMode {
    /// The word on the wire and in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Direct => "direct",
        }
    }
}

/// By what right a node joins.
#[derive(Debug, Clone)]
pub enum Joining {
    /// The owner's key, `msw_…`. Used for one call, never stored.
    Key(Secret),
    /// The owner's word, once they have approved it.
    Handle(ByHandle),
}

/// What joining takes.
#[derive(Debug)]
pub struct SetupRequest {
    /// By what right.
    pub joining: Joining,
    /// What the owner chooses.
    pub choices: SetupChoices,
    /// The name when none was ever given: the machine's.
    pub hostname: String,
    /// Slots when none were ever given.
    pub default_slots: u32,
    /// The version of the program.
    pub version: String,
    /// Says by which fingerprint callers know the node's certificate in direct mode, once it is clear how it listens. An
    /// error is a sentence.
    pub fingerprint: fn(&Home, &NodeConfig) -> Result<Option<String>, String>,
}

/// What joining came to.
#[derive(Debug, Clone, Serialize)]
pub struct SetupOutcome {
    /// False when the gateway knew this machine.
    pub created: bool,
    /// Whether the node may work.
    pub enrolled: bool,
    /// Who the node is.
    pub node_id: String,
    /// Its name in force.
    pub name: String,
    /// The gateway in force.
    pub gateway: String,
    /// The protocol that both speak.
    pub protocol: u32,
    /// Seconds between heartbeats.
    pub heartbeat_interval_seconds: u64,
    /// Slots.
    pub max_concurrent_jobs: u32,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// `outbound` or `direct`, as the gateway has it.
    pub relay_mode: String,
    /// By which callers know the node's certificate in direct mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_fingerprint: Option<String>,
}

/// Joins, or joins again: the same machine stays the same node. Nothing changes on disk unless the gateway agreed.
///
/// # Errors
/// [`SetupError`].
pub async fn setup(home: &Home, request: SetupRequest) -> Result<SetupOutcome, SetupError> {
    if matches!(&request.joining, Joining::Key(key) if key.is_empty()) {
        return Err(SetupError::NoKey);
    }
    home.prepare()?;
    let earlier = NodeConfig::load(home)?;
    let given = request
        .choices
        .gateway
        .as_deref()
        .or(earlier.joined_gateway_url.as_deref())
        .or(earlier.gateway_base_url.as_deref())
        .ok_or(SetupError::NoGateway)?;
    let gateway = GatewayUrl::parse(given)?;
    if gateway.is_plain() && !gateway.is_loopback() {
        tracing::warn!(%gateway, "this gateway is spoken to without encryption: whoever listens can act as the node");
    }
    let mut config = NodeConfig { machine_fingerprint: Some(home.fingerprint()?.to_string()), ..earlier };
    let moves = !config.is_joined_at(gateway.as_str());
    if moves {
        forget_gateway(&mut config);
    }
    merge(&mut config, &request)?;
    let network = request.choices.network.clone().or(network(&config));
    keep(&mut config, &network);
    let direct_fingerprint = (request.fingerprint)(home, &config).map_err(SetupError::Choice)?;
    let http = http_client(&gateway, &network)?;
    let client = NodeClient::new(http, gateway.clone(), RelayPaths::default(), Secret::new(""));
    let answer = match &request.joining {
        Joining::Key(key) => client
            .bootstrap(
                key,
                &BootstrapRequest { direct_fingerprint: direct_fingerprint.clone(), ..body(&config, &request) },
            )
            .await
            .map_err(|call| SetupError::Call { gateway: gateway.to_string(), call })?,
        Joining::Handle(by) => register(&client, by, &registration(&config, &request, &by.handle)).await?,
    };
    let token = Secret::new(answer.runtime_token.clone());
    if token.is_empty() {
        return Err(SetupError::Incomplete("runtime token"));
    }
    if answer.node.node_id.trim().is_empty() {
        return Err(SetupError::Incomplete("node id"));
    }
    adopt(&mut config, &gateway, &answer)?;
    let credentials = Credentials::of(home);
    credentials.store(&token)?;
    let secret = request.choices.signing_secret.clone().or(answer.invocation_signing_secret.map(Secret::new));
    keep_signing_secret(&credentials, secret, moves)?;
    config.store(home)?;
    Ok(SetupOutcome {
        created: answer.created,
        enrolled: answer.enrolled,
        node_id: answer.node.node_id,
        name: config.server_name.unwrap_or_default(),
        gateway: config.gateway_base_url.unwrap_or_default(),
        protocol: answer.runtime_protocol_version.unwrap_or(1).clamp(1, PROTOCOL),
        heartbeat_interval_seconds: config.heartbeat_interval_seconds.unwrap_or(30),
        max_concurrent_jobs: config.max_concurrent_jobs.unwrap_or(1),
        labels: config.labels.unwrap_or_default(),
        relay_mode: config.relay_mode.unwrap_or_default(),
        direct_fingerprint,
    })
}

/// Whether joining with these choices would change what the settings say now.
///
/// # Errors
/// [`SetupError::Choice`] for choices that do not go together.
pub fn would_change(config: &NodeConfig, request: &SetupRequest) -> Result<bool, SetupError> {
    let given = request.choices.gateway.as_deref().map(GatewayUrl::parse).transpose()?;
    if given.is_some_and(|given| !config.is_joined_at(given.as_str())) {
        return Ok(true);
    }
    let mut changed = config.clone();
    merge(&mut changed, request)?;
    changed.node_version.clone_from(&config.node_version);
    if numbered(config.server_name.as_deref(), changed.server_name.as_deref()) {
        changed.server_name.clone_from(&config.server_name);
    }
    Ok(changed != *config)
}

/// Whether `kept` is what a gateway made of the name `wanted` because another node had it: `attic-2` of `attic`.
fn numbered(kept: Option<&str>, wanted: Option<&str>) -> bool {
    let number = kept.zip(wanted).and_then(|(kept, wanted)| kept.strip_prefix(wanted)?.strip_prefix('-'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The calls of a node that joined, from its settings and its token; `environment` is stronger than the settings.
///
/// # Errors
/// [`RelayError::NotJoined`] before setup, or when a stored value cannot be used.
pub fn connect(config: &NodeConfig, credentials: &Credentials, environment: Network) -> Result<NodeClient, RelayError> {
    let gateway = config.gateway_base_url.as_deref().ok_or(RelayError::NotJoined)?;
    let gateway = GatewayUrl::parse(gateway)?;
    let token = credentials.token()?.ok_or(RelayError::NotJoined)?;
    let paths = RelayPaths {
        mode: config.relay_mode.clone(),
        gateway_base_url: config.gateway_base_url.clone(),
        jobs_poll_path: config.jobs_poll_path.clone(),
        jobs_start_path_template: config.jobs_start_path_template.clone(),
        jobs_events_path_template: config.jobs_events_path_template.clone(),
        jobs_result_path_template: config.jobs_result_path_template.clone(),
    };
    let http = http_client(&gateway, &environment.or(network(config)))?;
    Ok(NodeClient::new(http, gateway, paths, token))
}

/// A node's name: lower case, runs of anything but letters and digits become one dash, at most 80 characters, never empty.
pub fn node_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    let name: String = name.trim_matches('-').chars().take(LONGEST_NAME).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { "local-node".to_owned() } else { name.to_owned() }
}

/// Keeps the secret for direct calls. That of a gateway which the node has left opens nothing any more.
pub(super) fn keep_signing_secret(
    credentials: &Credentials,
    secret: Option<Secret>,
    moves: bool,
) -> Result<(), SetupError> {
    match secret.filter(|secret| !secret.is_empty()) {
        Some(secret) => credentials.store_signing_secret(&secret)?,
        None if moves => credentials.forget_signing_secret()?,
        None => {}
    }
    Ok(())
}

/// Another gateway's ids and paths mean nothing to this one.
pub(super) fn forget_gateway(config: &mut NodeConfig) {
    config.node_id = None;
    config.config_version = None;
    config.enrolled_at = None;
    config.heartbeat_timeout_seconds = None;
    config.jobs_poll_path = None;
    config.jobs_start_path_template = None;
    config.jobs_events_path_template = None;
    config.jobs_result_path_template = None;
}

/// What was given now replaces what was given earlier; refuses what does not go together.
fn merge(config: &mut NodeConfig, request: &SetupRequest) -> Result<(), SetupError> {
    let given = &request.choices;
    let name = given.name.as_deref().or(config.server_name.as_deref()).unwrap_or(&request.hostname);
    config.server_name = Some(node_name(name));
    merge_mode(config, given)?;
    replace(&mut config.labels, &given.labels);
    let slots = given.max_concurrent_jobs.or(config.max_concurrent_jobs).unwrap_or(request.default_slots);
    config.max_concurrent_jobs = Some(slots.max(1));
    replace(&mut config.max_concurrent_llm_jobs, &given.max_concurrent_llm_jobs);
    replace(&mut config.reserved_llm_jobs, &given.reserved_llm_jobs);
    replace(&mut config.reserved_priority_max, &given.reserved_priority_max);
    check_slots(config)?;
    config.drain_mode = Some(given.drain_mode.or(config.drain_mode).unwrap_or(false));
    replace(&mut config.heartbeat_interval_seconds, &given.heartbeat_interval_seconds);
    replace(&mut config.client_allowlist, &given.client_allowlist);
    replace(&mut config.model_allowlist, &given.model_allowlist);
    replace(&mut config.model_blocklist, &given.model_blocklist);
    if let Some(all) = given.expose_all {
        config.expose_all_models = Some(all);
        config.exposure_policy = Some(if all { "all" } else { "none" }.to_owned());
    }
    replace(&mut config.load_reporting_enabled, &given.load_reporting);
    replace(&mut config.hardware_telemetry_enabled, &given.hardware_telemetry);
    config.node_version = Some(request.version.clone());
    // An earlier program may have left the node disabled by these; joining again is the way out.
    for key in ["lifecycle_health_reason", "lifecycle_health_message", "lifecycle_health_updated_at"] {
        config.rest.shift_remove(key);
    }
    if config.rest.contains_key("lifecycle_health_status") {
        config.rest.insert("lifecycle_health_status".to_owned(), "healthy".into());
    }
    Ok(())
}

fn replace<T: Clone>(kept: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        kept.clone_from(given);
    }
}

/// Takes over how callers reach the node, as far as it is given. An address belongs to mode `direct`, and that mode needs
/// one.
///
/// # Errors
/// [`SetupError::Choice`] for what does not go together.
pub fn merge_mode(config: &mut NodeConfig, given: &SetupChoices) -> Result<(), SetupError> {
    let wrong = |text: &str| Err(SetupError::Choice(text.to_owned()));
    if given.direct != DirectConfig::default() {
        let direct = config.direct.get_or_insert_default();
        direct.merge(&given.direct);
        direct.check().map_err(SetupError::Choice)?;
    }
    let earlier = config.relay_mode.as_deref() == Some(RelayMode::Direct.as_str());
    let direct = given.mode.map_or(earlier, |mode| mode == RelayMode::Direct);
    if !direct {
        if given.direct_url.is_some() {
            return wrong(
                "an address of its own is for mode direct: give --mode direct too, or leave --direct-url out",
            );
        }
        config.relay_mode = Some(RelayMode::Outbound.as_str().to_owned());
        config.direct_base_url = None;
        return Ok(());
    }
    if let Some(given) = &given.direct_url {
        let url = GatewayUrl::parse(given).map_err(|_| {
            SetupError::Choice(format!(
                "{given:?} is no address for --direct-url: it looks like https://node.example.com"
            ))
        })?;
        if url.is_plain() && !url.is_loopback() {
            return wrong("--direct-url must be https: whoever listens could read and use the callers' tokens");
        }
        config.direct_base_url = Some(url.as_str().to_owned());
    }
    if config.direct_base_url.is_none() {
        return wrong("mode direct needs the address at which callers reach the node: give --direct-url URL");
    }
    config.relay_mode = Some(RelayMode::Direct.as_str().to_owned());
    Ok(())
}

fn check_slots(config: &NodeConfig) -> Result<(), SetupError> {
    let all = config.max_concurrent_jobs.unwrap_or(1);
    let reserved = config.reserved_llm_jobs.unwrap_or(0);
    let llm = config.max_concurrent_llm_jobs.unwrap_or(all);
    if llm.saturating_add(reserved) <= all {
        return Ok(());
    }
    Err(SetupError::Choice(format!(
        "{llm} slots for model jobs and {reserved} reserved ones are more than the {all} slots there are: give a smaller \
         --max-concurrent-llm-jobs or --reserved-llm-jobs, or a larger --max-concurrent-jobs"
    )))
}

fn registration(config: &NodeConfig, request: &SetupRequest, handle: &str) -> RegisterRequest {
    let name = config.server_name.clone().unwrap_or_default();
    RegisterRequest {
        handle: handle.to_owned(),
        server_name: name.clone(),
        machine_fingerprint: config.machine_fingerprint.clone().unwrap_or_default(),
        registration_secret: registration_secret().expose().to_owned(),
        relay_mode: config.relay_mode.clone().unwrap_or_else(|| "outbound".to_owned()),
        node_version: request.version.clone(),
        hostname: name,
        client_allowlist: clients(config),
    }
}

/// Callers other than the owner, as gateways are told.
pub(super) fn clients(config: &NodeConfig) -> Vec<ClientId> {
    let clients = config.client_allowlist.iter().flatten();
    clients.map(|client| ClientId { kind: client.kind.clone(), value: client.value.clone() }).collect()
}

fn body(config: &NodeConfig, request: &SetupRequest) -> BootstrapRequest {
    let name = config.server_name.clone().unwrap_or_default();
    let slots = config.max_concurrent_jobs.unwrap_or(1);
    BootstrapRequest {
        machine_fingerprint: config.machine_fingerprint.clone().unwrap_or_default(),
        server_name: name.clone(),
        label: name,
        relay_mode: config.relay_mode.clone().unwrap_or_else(|| "outbound".to_owned()),
        direct_base_url: config.direct_base_url.clone(),
        node_version: request.version.clone(),
        discovery_mode: "mcoda".to_owned(),
        expose_all_models: config.exposes_all(),
        model_allowlist: config.model_allowlist.clone().unwrap_or_default(),
        model_blocklist: config.model_blocklist.clone().unwrap_or_default(),
        client_allowlist: clients(config),
        heartbeat_interval_seconds: config.heartbeat_interval_seconds.unwrap_or(30),
        max_concurrent_jobs: slots,
        max_concurrent_llm_jobs: config.max_concurrent_llm_jobs.unwrap_or(slots),
        drain_mode: config.drain_mode.unwrap_or(false),
        load_reporting_enabled: config.load_reporting_enabled.unwrap_or(true),
        hardware_telemetry_enabled: config.hardware_telemetry_enabled.unwrap_or(false),
        generic_job_max_concurrency: 1,
        runtime_protocol_version: Some(PROTOCOL),
        labels: config.labels.clone().unwrap_or_default(),
        direct_fingerprint: None,
    }
}

/// The gateway's word wins over local choices.
fn adopt(config: &mut NodeConfig, gateway: &GatewayUrl, answer: &BootstrapResponse) -> Result<(), SetupError> {
    let now = iso(SystemTime::now());
    config.node_id = Some(answer.node.node_id.clone());
    if let Some(name) = &answer.node.server_name {
        config.server_name = Some(name.clone());
    }
    if let Some(mode) = &answer.node.relay_mode {
        config.relay_mode = Some(mode.clone());
    }
    config.heartbeat_interval_seconds =
        Some(answer.heartbeat_interval_seconds.or(config.heartbeat_interval_seconds).unwrap_or(30));
    config.heartbeat_timeout_seconds = answer.heartbeat_timeout_seconds.or(config.heartbeat_timeout_seconds);
    config.config_version = answer.config_version.or(config.config_version);
    config.enrolled_at.get_or_insert_with(|| now.clone());
    config.updated_at = Some(now);
    adopt_gateway(config, gateway, answer.relay.clone())
}

/// Where the gateway wants its calls.
pub(super) fn adopt_gateway(
    config: &mut NodeConfig,
    gateway: &GatewayUrl,
    relay: Option<RelayPaths>,
) -> Result<(), SetupError> {
    let paths = relay.unwrap_or_default();
    let base = paths.gateway_base_url.as_deref().map(GatewayUrl::parse).transpose()?;
    let base = base.as_ref().unwrap_or(gateway);
    config.gateway_base_url = Some(base.as_str().to_owned());
    config.joined_gateway_url = (base != gateway).then(|| gateway.as_str().to_owned());
    config.jobs_poll_path = paths.jobs_poll_path;
    config.jobs_start_path_template = paths.jobs_start_path_template;
    config.jobs_events_path_template = paths.jobs_events_path_template;
    config.jobs_result_path_template = paths.jobs_result_path_template;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_as_the_protocol_has_it() {
        assert_eq!(node_name("  Bekir's  MacBook_Pro.local "), "bekir-s-macbook-pro-local");
        assert_eq!(node_name("***"), "local-node");
        assert_eq!(node_name(&"a".repeat(100)).len(), 80);
        assert_eq!(node_name(&format!("{}-b", "a".repeat(79))), "a".repeat(79));
    }
}
