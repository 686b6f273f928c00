//! The node's settings as they are kept in `config.json`.
//!
//! The keys are those of existing mswarm nodes where they have one, so that such a file can be taken over in place. Keys of
//! a newer or another writer are carried along untouched.

use super::{AllowedClient, DirectConfig, Home, InvocationConfig, StateError};
use crate::base::{Secret, write_private};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Settings. Everything may be missing; readers choose the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeConfig {
    /// Who the node is at its gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The node's name at its gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// `outbound` or `direct`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay_mode: Option<String>,
    /// `sha256:` and 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_fingerprint: Option<String>,
    /// Where callers reach the node in direct mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_base_url: Option<String>,
    /// The gateway's version of these settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_version: Option<i64>,
    /// Seconds between heartbeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_interval_seconds: Option<u64>,
    /// Seconds without a heartbeat after which the gateway gives the node up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_seconds: Option<u64>,
    /// When the node first joined this gateway, ISO 8601 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled_at: Option<String>,
    /// When these settings were last written, ISO 8601 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// The gateway, without a trailing slash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_base_url: Option<String>,
    /// Where the node joined, when the gateway named another address for everything after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_gateway_url: Option<String>,
    /// Replaces the standard path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_poll_path: Option<String>,
    /// Replaces the standard path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_start_path_template: Option<String>,
    /// Replaces the standard path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_events_path_template: Option<String>,
    /// Replaces the standard path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs_result_path_template: Option<String>,
    /// The version of the program that wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_version: Option<String>,
    /// Slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent_jobs: Option<u32>,
    /// Slots for model jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrent_llm_jobs: Option<u32>,
    /// Slots beside those of model jobs that only urgent jobs get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_llm_jobs: Option<u32>,
    /// The highest priority number, -100 to 100, that counts as urgent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_priority_max: Option<i64>,
    /// Whether the node takes no new jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain_mode: Option<bool>,
    /// Whether heartbeats report load. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_reporting_enabled: Option<bool>,
    /// Whether heartbeats report hardware pressure. Default false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware_telemetry_enabled: Option<bool>,
    /// Whether every discovered agent is offered. Default true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose_all_models: Option<bool>,
    /// The same as a word, `all` or `none`, which newer mswarm nodes go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_policy: Option<String>,
    /// Agents that are offered when not all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_allowlist: Option<Vec<String>>,
    /// Agents that are never offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_blocklist: Option<Vec<String>>,
    /// Callers other than the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_allowlist: Option<Vec<AllowedClient>>,
    /// Labels by which jobs may choose the node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    /// The proxy for `http` gateways. May hold a password, so it does not print itself.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub http_proxy: Option<Secret>,
    /// The proxy for `https` gateways.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "exposed")]
    pub https_proxy: Option<Secret>,
    /// Hosts that are reached without a proxy, with commas between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_proxy: Option<String>,
    /// A PEM file of certificate authorities that are trusted beside the platform's own, absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// What the node takes from callers who reach it directly.
    #[serde(flatten)]
    pub invocations: InvocationConfig,
    /// How the node is reached at its own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct: Option<DirectConfig>,
    /// Keys of other writers.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl NodeConfig {
    /// Reads the settings; none yet is the same as empty ones.
    ///
    /// # Errors
    /// [`StateError::Malformed`] with file, line and column, or what the file system said.
    pub fn load(home: &Home) -> Result<Self, StateError> {
        let path = home.config();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(failed) => return Err(StateError::io(&path)(failed)),
        };
        serde_json::from_slice(&text).map_err(|wrong| StateError::Malformed {
            path,
            line: wrong.line(),
            column: wrong.column(),
            problem: problem(&wrong),
        })
    }

    /// Whether the gateway at that address, without a trailing slash, is the one that the node joined.
    pub fn is_joined_at(&self, address: &str) -> bool {
        [&self.gateway_base_url, &self.joined_gateway_url].into_iter().any(|known| known.as_deref() == Some(address))
    }

    /// Whether every discovered agent is offered that no list excludes.
    pub fn exposes_all(&self) -> bool {
        match self.exposure_policy.as_deref() {
            Some(word) => !matches!(word, "none" | "off" | "disabled" | "false" | "0" | "no"),
            None => self.expose_all_models.unwrap_or(true),
        }
    }

    /// Whether nothing comes to the node but at its own address.
    pub fn is_direct_only(&self) -> bool {
        let only = self.direct.as_ref().and_then(|direct| direct.only).unwrap_or(false);
        only && self.relay_mode.as_deref() == Some("direct")
    }

    /// Replaces the settings, atomically and readable by the owner only: they name the gateway and the callers.
    ///
    /// # Errors
    /// What the file system said; the old settings are in force then.
    pub fn store(&self, home: &Home) -> Result<(), StateError> {
        let path = home.config();
        // Strings, numbers and maps with text keys cannot fail to serialise.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        write_private(&path, text.as_bytes()).map_err(StateError::io(&path))
    }
}

/// The one place where a secret is written out: the file is readable by its owner only.
mod exposed {
    use crate::base::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}

/// The parser's sentence without the position, which the error names itself.
fn problem(wrong: &serde_json::Error) -> String {
    let text = wrong.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        (dir, home)
    }

    #[test]
    fn keys_of_another_writer_survive_a_rewrite() {
        let (_dir, home) = home();
        assert_eq!(NodeConfig::load(&home).unwrap(), NodeConfig::default());
        let theirs = r#"{"node_id":"shn_1","exposure_policy":"all","mcoda_list_args":["agent","list"],"client_allowlist":[{"kind":"ip","value":"192.0.2.1","added_at":"2026-01-01T00:00:00.000Z"}]}"#;
        write_private(&home.config(), theirs.as_bytes()).unwrap();

        let mut config = NodeConfig::load(&home).unwrap();
        config.server_name = Some("box".to_owned());
        config.https_proxy = Some(Secret::new("http://me:hunter2@proxy:3128"));
        config.store(&home).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
        assert_eq!(NodeConfig::load(&home).unwrap().https_proxy, config.https_proxy);

        let again: Value = serde_json::from_str(&fs::read_to_string(home.config()).unwrap()).unwrap();
        assert_eq!(again["exposure_policy"], "all");
        assert_eq!(again["mcoda_list_args"][1], "list");
        assert_eq!(again["client_allowlist"][0]["added_at"], "2026-01-01T00:00:00.000Z");
        assert_eq!(again["server_name"], "box");
    }

    #[test]
    fn a_malformed_file_names_file_line_and_way_out() {
        let (_dir, home) = home();
        write_private(&home.config(), b"{\n  \"node_id\": \"shn_1\",\n  oops\n}\n").unwrap();
        let wrong = NodeConfig::load(&home).unwrap_err().to_string();
        assert!(wrong.contains("config.json line 3"), "{wrong}");
        assert!(wrong.contains("waypost node setup"), "{wrong}");

        write_private(&home.config(), b"{\n  \"max_concurrent_jobs\": \"many\"\n}\n").unwrap();
        let wrong = NodeConfig::load(&home).unwrap_err().to_string();
        assert!(wrong.contains("line 2"), "{wrong}");
    }
}
