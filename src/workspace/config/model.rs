//! The configuration's values and their normalised outer form.

use super::remote::{Freshness, RemoteBackend};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A workspace's configuration, checked and normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceConfig {
    /// The mounts in the order of the configuration. There is always one at `/`.
    pub mounts: Vec<MountConfig>,
    /// The mode of mounts that name none.
    pub mode: Mode,
    /// The id of the default session; `default` when none is given.
    pub default_session_id: Option<String>,
    /// Variables that every new session starts with.
    pub env: BTreeMap<String, String>,
    /// Bytes of remote files that are cached; none for the node's own limit.
    pub cache_limit: Option<u64>,
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountConfig {
    /// Where it is, with a slash at both ends: `/`, `/data/`.
    pub prefix: String,
    /// What is there.
    pub backend: Backend,
    /// What a session may do there.
    pub mode: Mode,
}

/// What holds a mount's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// Memory, kept by the store.
    Ram,
    /// A directory of the host.
    Disk {
        /// The directory.
        root: PathBuf,
    },
    /// Storage behind a network.
    Remote(RemoteBackend),
}

/// What may be done in a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Reading only.
    Read,
    /// Every file operation.
    Write,
    /// Writing, and running interpreters.
    Exec,
}

impl Backend {
    /// The backend's name in a configuration.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ram => "ram",
            Self::Disk { .. } => "disk",
            Self::Remote(remote) => remote.name(),
        }
    }
}

impl Mode {
    /// The mode's name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Exec => "exec",
        }
    }

    /// Reads a mode: `read`, `write`, `exec`, or `r`, `rw`, `rwx`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "read" | "r" => Some(Self::Read),
            "write" | "rw" => Some(Self::Write),
            "exec" | "rwx" => Some(Self::Exec),
            _ => None,
        }
    }
}

impl WorkspaceConfig {
    /// Only the implicit `ram` mount at `/`.
    pub fn empty() -> Self {
        Self {
            mounts: vec![root_mount()],
            mode: Mode::Write,
            default_session_id: None,
            env: BTreeMap::new(),
            cache_limit: None,
        }
    }

    /// The id that the default session gets.
    pub fn default_session(&self) -> &str {
        self.default_session_id.as_deref().unwrap_or("default")
    }

    /// The normalised form, with `<REDACTED>` in the place of secrets: for whatever leaves the node.
    pub fn to_json(&self) -> Value {
        self.form(RemoteBackend::shown)
    }

    /// The normalised form with its secrets, for the store alone. [`WorkspaceConfig::from_json`] reads it back to an
    /// equal value.
    pub fn to_kept_json(&self) -> Value {
        self.form(RemoteBackend::kept)
    }

    fn form(&self, settings: fn(&RemoteBackend) -> Value) -> Value {
        let mounts = self.mounts.iter().map(|mount| (mount.prefix.clone(), mount.form(settings)));
        let mounts: Map<String, Value> = mounts.collect();
        let mut config = json!({ "mounts": mounts, "mode": self.mode.name() });
        if let Some(id) = &self.default_session_id {
            config["default_session_id"] = json!(id);
        }
        if !self.env.is_empty() {
            config["env"] = json!(self.env);
        }
        if let Some(limit) = self.cache_limit {
            config["cache"] = json!({ "limit": limit });
        }
        config
    }
}

impl MountConfig {
    fn form(&self, settings: fn(&RemoteBackend) -> Value) -> Value {
        let mut block = json!({ "resource": self.backend.name(), "mode": self.mode.name() });
        match &self.backend {
            Backend::Ram => {}
            Backend::Disk { root } => block["config"] = json!({ "root": root.to_string_lossy() }),
            Backend::Remote(remote) => {
                block["config"] = settings(remote);
                block["read"] = json!(remote.freshness.name());
                if let Freshness::Bounded(ttl) = remote.freshness {
                    block["ttl"] = json!(ttl.as_secs());
                }
                // What other readers of a snapshot know instead.
                block["consistency"] = json!(if remote.freshness == Freshness::Fresh { "always" } else { "lazy" });
            }
        }
        block
    }
}

/// The mount that a configuration without a `/` gets, so that `/tmp` and relative paths work.
pub(super) fn root_mount() -> MountConfig {
    MountConfig { prefix: "/".to_owned(), backend: Backend::Ram, mode: Mode::Write }
}

/// The longest prefix, bytes: what Linux accepts for a path.
const LONGEST_PREFIX: usize = 4096;

/// `data`, `/data` and `/data/` as `/data/`; none when a component is `.`, `..` or holds a control character, or when it
/// is too long.
pub fn normalise_prefix(text: &str) -> Option<String> {
    if text.len() > LONGEST_PREFIX {
        return None;
    }
    let mut prefix = String::from("/");
    for component in text.split('/').filter(|component| !component.is_empty()) {
        if matches!(component, "." | "..") || component.contains(char::is_control) {
            return None;
        }
        prefix.push_str(component);
        prefix.push('/');
    }
    Some(prefix)
}
