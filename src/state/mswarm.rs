//! The directory in which an mswarm node keeps itself. Read, never written: its owner may go back.

use super::{Home, NodeConfig, StateError};
use crate::base::{Fingerprint, Secret};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where mswarm nodes keep themselves, below the user's home directory.
const USUAL: [&str; 2] = [".mswarm", "self-hosted-node"];

/// An mswarm node's directory.
#[derive(Debug, Clone)]
pub struct MswarmHome(Home);

/// Who an mswarm node is, and how it was set up.
#[derive(Debug)]
pub struct MswarmNode {
    /// What its fingerprint is made of.
    pub machine_id: String,
    /// Its settings; their keys are ours. The token is not among them.
    pub config: NodeConfig,
    /// Its token.
    pub token: Secret,
}

impl MswarmHome {
    /// That directory, or the one where mswarm nodes usually keep themselves.
    ///
    /// # Errors
    /// [`StateError::NoHome`] when none is given and the user has no home directory.
    pub fn locate(given: Option<PathBuf>) -> Result<Self, StateError> {
        let usual = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(USUAL[0]).join(USUAL[1]));
        let root = given.filter(|given| !given.as_os_str().is_empty()).or_else(usual).ok_or(StateError::NoHome)?;
        Home::locate(Some(root)).map(Self)
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        self.0.root()
    }

    /// Whether a node was set up there.
    pub fn is_set_up(&self) -> bool {
        [self.0.config(), self.root().join("machine.id")].iter().all(|file| file.exists())
    }

    /// The node.
    ///
    /// # Errors
    /// [`StateError::NotAnMswarmNode`] when something of it is missing or does not go together.
    pub fn read(&self) -> Result<MswarmNode, StateError> {
        let not =
            |problem: &str| StateError::NotAnMswarmNode { path: self.root().to_owned(), problem: problem.to_owned() };
        if !self.0.config().exists() {
            return Err(not("there is no config.json"));
        }
        let mut config = NodeConfig::load(&self.0)?;
        if config.node_id.as_deref().is_none_or(|id| id.trim().is_empty()) {
            return Err(not("its config.json has no node_id: it has not joined a gateway"));
        }
        if config.gateway_base_url.is_none() {
            return Err(not("its config.json has no gateway_base_url"));
        }
        let machine_id = self.word("machine.id")?.ok_or_else(|| not("there is no machine.id"))?;
        let fingerprint = Fingerprint::of(&machine_id).to_string();
        if config.machine_fingerprint.as_ref().is_some_and(|kept| *kept != fingerprint) {
            return Err(not("its machine.id is not the one it joined with"));
        }
        config.machine_fingerprint = Some(fingerprint);
        // Earlier versions kept the token among the settings.
        let legacy = config.rest.shift_remove("runtime_token");
        let legacy = legacy.and_then(|token| token.as_str().map(str::to_owned));
        let token = self.word("node.key")?.or(legacy).map(Secret::new).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| not("there is no token in its node.key"))?;
        for key in ["status", "reason", "message", "updated_at"] {
            config.rest.shift_remove(&format!("lifecycle_health_{key}"));
        }
        Ok(MswarmNode { machine_id, config, token })
    }

    /// A file's text, trimmed; none when there is no such file, or nothing in it.
    fn word(&self, name: &str) -> Result<Option<String>, StateError> {
        let path = self.root().join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(None),
            Err(failed) => Err(StateError::io(&path)(failed)),
        }
    }
}
