//! Reads a configuration in any of the forms that `/v1` clients send, and refuses what it would misunderstand.

use super::model::{Backend, Mode, MountConfig, WorkspaceConfig, normalise_prefix, root_mount};
use super::remote::{FreshnessWords, RemoteBackend};
use super::remote_kinds::{self, RemoteKind};
use crate::base::snake_case;
use crate::workspace::Error;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Top-level keys that some client sends and that have no effect here.
const IGNORED: &[&str] = &[
    "clis",
    "command_limits",
    "console",
    "default_agent_id",
    "fuse",
    "guards",
    "history",
    "history_path",
    "index",
    "io",
    "native",
    "policy",
    "profile",
    "profiles",
    "route",
    "route_policy",
    "runtimes",
    "secrets",
    "store",
    "workspace_id",
    "write",
];

/// The most mounts of a workspace. Every path is held against all of them.
const MAX_MOUNTS: usize = 1000;

/// Keys of a mount block that have no effect here.
const MOUNT_IGNORED: &[&str] =
    &["backend", "command_limits", "command_safeguards", "fuse", "index", "mountpoint", "write"];

impl WorkspaceConfig {
    /// Reads and normalises a configuration. `null` stands for an absent key. A `ram` mount at `/` is added when none is
    /// configured there.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] naming the place: an unknown key, backend or mode, a prefix given twice, no `mounts`.
    pub fn from_json(value: &Value) -> Result<Self, Error> {
        let Some(top) = value.as_object() else {
            return Err(refused("config", "config requires a `mounts` mapping"));
        };
        let mut config = Self { mounts: Vec::new(), ..Self::empty() };
        let (mut mounts, mut freshness) = (None, FreshnessWords::default());
        for (key, value) in top.iter().filter(|(_, value)| !value.is_null()) {
            match snake_case(key).as_str() {
                "mounts" => mounts = value.as_object(),
                "mode" => config.mode = mode(value, "mode")?,
                "default_session_id" => config.default_session_id = Some(text(value, "default_session_id")?),
                "env" => config.env = env(value)?,
                "read" => freshness.read = Some(text(value, "read")?),
                "ttl" => freshness.ttl = Some(seconds(value, "ttl")?),
                "consistency" => freshness.consistency = Some(text(value, "consistency")?),
                "cache" => config.cache_limit = cache_limit(value)?,
                known if IGNORED.contains(&known) => tracing::warn!(key, "workspace setting has no effect here"),
                _ => return Err(unknown_key("config", key, "mounts, mode, default_session_id, env")),
            }
        }
        let Some(mounts) = mounts else {
            return Err(refused("config", "config requires a `mounts` mapping"));
        };
        if mounts.len() > MAX_MOUNTS {
            let reason = format!("{} mounts are more than the {MAX_MOUNTS} that a workspace may have", mounts.len());
            return Err(refused("mounts", reason));
        }
        for (key, block) in mounts {
            config.add_mount(key, block, &freshness)?;
        }
        if !config.mounts.iter().any(|mount| mount.prefix == "/") {
            config.mounts.insert(0, root_mount());
        }
        Ok(config)
    }

    fn add_mount(&mut self, key: &str, block: &Value, freshness: &FreshnessWords) -> Result<(), Error> {
        let at = format!("mounts.{key}");
        let Some(prefix) = normalise_prefix(key) else {
            return Err(refused(
                &at,
                "a mount's path must not contain '.', '..' or control characters, or be very long",
            ));
        };
        if self.mounts.iter().any(|mount| mount.prefix == prefix) {
            return Err(refused(&at, format!("another mount is at {prefix} already")));
        }
        self.mounts.push(mount(&at, prefix, block, self.mode, freshness)?);
        Ok(())
    }
}

fn mount(
    at: &str,
    prefix: String,
    block: &Value,
    default_mode: Mode,
    default_freshness: &FreshnessWords,
) -> Result<MountConfig, Error> {
    let Some(block) = block.as_object() else {
        return Err(refused(at, "a mount is a mapping such as {\"resource\": \"ram\"}"));
    };
    let (mut backend, mut own_mode, mut settings) = (None, default_mode, None);
    let mut freshness = FreshnessWords::default();
    for (key, value) in block.iter().filter(|(_, value)| !value.is_null()) {
        match snake_case(key).as_str() {
            "resource" | "vfs" | "type" => backend = Some(text(value, &format!("{at}.{key}"))?),
            "mode" => own_mode = mode(value, &format!("{at}.mode"))?,
            "read" => freshness.read = Some(text(value, &format!("{at}.read"))?),
            "ttl" => freshness.ttl = Some(seconds(value, &format!("{at}.ttl"))?),
            "consistency" => freshness.consistency = Some(text(value, &format!("{at}.consistency"))?),
            "config" => {
                let mapping = value.as_object().ok_or_else(|| refused(&format!("{at}.config"), "must be a mapping"))?;
                settings = Some(mapping);
            }
            known if MOUNT_IGNORED.contains(&known) => tracing::warn!(at, key, "mount setting has no effect here"),
            _ => return Err(unknown_key(at, key, "resource, mode, config")),
        }
    }
    let backend = backend
        .ok_or_else(|| refused(at, format!("a mount requires `resource`, one of: {}", remote_kinds::built_in())))?;
    let (none, freshness) = (Map::new(), freshness.decide(default_freshness, at)?);
    let settings = settings.unwrap_or(&none);
    let backend = match RemoteKind::named(&backend) {
        Some(kind) => Backend::Remote(RemoteBackend::parse(at, built_in(at, kind, settings)?, settings, freshness)?),
        None => build_backend(at, &backend, settings)?,
    };
    Ok(MountConfig { prefix, backend, mode: own_mode })
}

fn build_backend(at: &str, name: &str, settings: &Map<String, Value>) -> Result<Backend, Error> {
    let at_config = format!("{at}.config");
    let allowed: &[&str] = if name == "disk" { &["root"] } else { &[] };
    match name {
        "ram" | "disk" => {}
        _ => {
            return Err(refused(
                at,
                format!("unknown backend '{name}', the ones here are: {}", remote_kinds::built_in()),
            ));
        }
    }
    let given: Vec<_> = settings.iter().filter(|(_, value)| !value.is_null()).collect();
    if let Some((key, _)) = given.iter().find(|(key, _)| !allowed.contains(&key.as_str())) {
        let known = if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") };
        return Err(unknown_key(&at_config, key, &known));
    }
    if name == "ram" {
        return Ok(Backend::Ram);
    }
    let root = given.first().ok_or_else(|| refused(&at_config, "a disk mount requires `root`, a host directory"))?;
    Ok(Backend::Disk { root: PathBuf::from(text(root.1, &format!("{at_config}.root"))?) })
}

/// The kind, when this build speaks its protocol.
fn built_in(at: &str, kind: &'static RemoteKind, settings: &Map<String, Value>) -> Result<&'static RemoteKind, Error> {
    let protocol = RemoteBackend::protocol_of(kind, settings);
    match protocol.feature() {
        Some(feature) if !protocol.is_built_in() => {
            let with = if protocol == kind.protocol { "" } else { " with `credential`" };
            let (name, here) = (kind.name, remote_kinds::built_in());
            let reason = format!(
                "backend '{name}'{with} is not in this build: it needs the cargo feature `{feature}`; the ones here are: {here}"
            );
            Err(refused(at, reason))
        }
        _ => Ok(kind),
    }
}

fn seconds(value: &Value, at: &str) -> Result<u64, Error> {
    let seconds = value.as_f64().filter(|seconds| (0.0..=1e9).contains(seconds));
    seconds.map(|seconds| seconds.ceil() as u64).ok_or_else(|| refused(at, "must be a number of seconds"))
}

/// `{limit: "512MB"}` or `{limit: 1048576}`; what else is there belongs to caches that are not here.
fn cache_limit(value: &Value) -> Result<Option<u64>, Error> {
    let block =
        value.as_object().ok_or_else(|| refused("cache", "must be a mapping such as {\"limit\": \"512MB\"}"))?;
    let refuse = || refused("cache.limit", "must be bytes, or a text such as 512MB");
    match block.get("limit") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => size(text).map(Some).ok_or_else(refuse),
        Some(bytes) => bytes.as_u64().map(Some).ok_or_else(refuse),
    }
}

/// `512MB`: powers of 1024.
fn size(text: &str) -> Option<u64> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.bytes().take_while(u8::is_ascii_digit).count();
    let shift = match upper[digits..].trim_start() {
        "" | "B" => 0,
        "KB" => 10,
        "MB" => 20,
        "GB" => 30,
        _ => return None,
    };
    upper[..digits].parse::<u64>().ok()?.checked_mul(1 << shift)
}

fn mode(value: &Value, at: &str) -> Result<Mode, Error> {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value
        .as_str()
        .and_then(Mode::parse)
        .ok_or_else(|| refused(at, format!("'{shown}' is not a mode; use read, write or exec")))
}

fn text(value: &Value, at: &str) -> Result<String, Error> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(|| refused(at, "must be a text"))
}

fn env(value: &Value) -> Result<BTreeMap<String, String>, Error> {
    let mapping = value.as_object().ok_or_else(|| refused("env", "must be a mapping of names to texts"))?;
    let mut env = BTreeMap::new();
    for (name, value) in mapping {
        if !is_variable_name(name) {
            return Err(refused("env", format!("'{name}' is not a variable's name")));
        }
        let value = value.as_str().ok_or_else(|| refused(&format!("env.{name}"), "must be a text"))?;
        env.insert(name.clone(), value.to_owned());
    }
    Ok(env)
}

/// Whether a shell variable may have this name.
pub(in crate::workspace) fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

fn unknown_key(at: &str, key: &str, known: &str) -> Error {
    refused(at, format!("unknown key '{key}' (known: {known})"))
}

fn refused(at: &str, reason: impl Into<String>) -> Error {
    Error::InvalidConfig { at: at.to_owned(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reason(value: Value) -> String {
        WorkspaceConfig::from_json(&value).unwrap_err().to_string()
    }

    #[test]
    fn every_spelling_of_a_mount_is_the_same_mount() {
        for key in ["resource", "vfs", "type"] {
            let config =
                WorkspaceConfig::from_json(&json!({"mounts": {"data": {key: "ram", "mode": "R"}, "/": {key: "ram"}}}))
                    .unwrap();
            assert_eq!(config.mounts[0].prefix, "/data/");
            assert_eq!(config.mounts[0].mode, Mode::Read);
            assert_eq!(config.mounts[1].mode, Mode::Write);
            assert_eq!(WorkspaceConfig::from_json(&config.to_kept_json()).unwrap(), config);
        }
    }

    #[test]
    fn a_root_is_added_and_null_and_foreign_keys_change_nothing() {
        let config = WorkspaceConfig::from_json(&json!({
            "mounts": {}, "mode": "RWX", "defaultSessionId": "s", "cache": {"type": "ram"}, "history": null,
            "commandLimits": {}, "env": {"A": "1"},
        }))
        .unwrap();
        assert_eq!(config.mounts, [root_mount()]);
        assert_eq!((config.mode, config.default_session(), &*config.env["A"]), (Mode::Exec, "s", "1"));
        assert_eq!(WorkspaceConfig::from_json(&config.to_kept_json()).unwrap(), config);
    }

    #[test]
    fn refusals_say_where_and_what_would_be_right() {
        assert!(reason(json!({})).contains("config requires a `mounts` mapping"));
        assert!(reason(json!({"mounts": {}, "mont": 1})).contains("unknown key 'mont'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram"}, "a/": {"resource": "ram"}}})).contains("/a/"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "s4"}}})).contains("unknown backend 's4'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "disk"}}})).contains("requires `root`"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram", "mode": "x"}}})).starts_with("mounts./a.mode"));
        assert!(reason(json!({"mounts": {"/a/../b": {"resource": "ram"}}})).contains("'..'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram", "config": {"root": "/"}}}})).contains("'root'"));
        assert!(reason(json!({"mounts": {}, "env": {"a-b": ""}})).contains("variable"));
    }
}
