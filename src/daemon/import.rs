//! Taking over the node that mswarm set up on this machine: the same node at the same gateway, kept by us from then on.

use super::DaemonError;
use crate::state::{Credentials, Home, MswarmHome, NodeConfig};
use serde::Serialize;
use std::path::PathBuf;

/// What was taken over.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// Who the node is.
    pub node_id: String,
    /// Its name.
    pub name: String,
    /// Its gateway.
    pub gateway: String,
    /// From where.
    pub from: PathBuf,
}

/// Takes over who the node is, its token and its settings. Nothing of theirs changes, and the gateway is not asked: to it
/// this is the same node.
///
/// # Errors
/// [`DaemonError::Usage`] when this home has a node already; when theirs cannot be read or ours not be written.
pub fn import_mswarm(home: &Home, theirs: &MswarmHome) -> Result<Imported, DaemonError> {
    home.prepare()?;
    if let Some(node_id) = NodeConfig::load(home)?.node_id {
        return Err(DaemonError::Usage(format!(
            "{} has a node already, {node_id}: it would be lost; --home DIR names another directory",
            home.root().display()
        )));
    }
    let node = theirs.read()?;
    let theirs_or = |kept: Option<String>, usual: &str| kept.or_else(|| Some(usual.to_owned()));
    // What a setup of ours would fill in, so that it is not taken for a change later.
    let config = NodeConfig {
        node_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        relay_mode: theirs_or(node.config.relay_mode, "outbound"),
        server_name: theirs_or(node.config.server_name, "local-node"),
        max_concurrent_jobs: node.config.max_concurrent_jobs.or(Some(1)),
        drain_mode: node.config.drain_mode.or(Some(false)),
        ..node.config
    };
    // The settings last: with them the node is there.
    home.adopt_machine_id(&node.machine_id)?;
    Credentials::of(home).store(&node.token)?;
    config.store(home)?;
    Ok(Imported {
        node_id: config.node_id.unwrap_or_default(),
        name: config.server_name.unwrap_or_default(),
        gateway: config.gateway_base_url.unwrap_or_default(),
        from: theirs.root().to_owned(),
    })
}
