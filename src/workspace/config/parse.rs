//! Reads a configuration in any of the forms that `/v1` clients send, and refuses what it would misunderstand.

use super::model::{Backend, Mode, MountConfig, WorkspaceConfig, normalise_prefix, root_mount};
use crate::workspace::Error;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Top-level keys that some client sends and that have no effect here.
const IGNORED: &[&str] = &[
    "cache",
    "clis",
    "command_limits",
    "consistency",
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
    "read",
    "route",
    "route_policy",
    "runtimes",
    "secrets",
    "store",
    "workspace_id",
    "write",
];

/// Keys of a mount block that have no effect here.
const MOUNT_IGNORED: &[&str] = &[
    "backend",
    "command_limits",
    "command_safeguards",
    "consistency",
    "fuse",
    "index",
    "mountpoint",
    "read",
    "ttl",
    "write",
];

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
        let mut config = Self { mounts: Vec::new(), mode: Mode::Write, default_session_id: None, env: BTreeMap::new() };
        let mut mounts = None;
        for (key, value) in top.iter().filter(|(_, value)| !value.is_null()) {
            match snake_case(key).as_str() {
                "mounts" => mounts = value.as_object(),
                "mode" => config.mode = mode(value, "mode")?,
                "default_session_id" => config.default_session_id = Some(text(value, "default_session_id")?),
                "env" => config.env = env(value)?,
                known if IGNORED.contains(&known) => tracing::warn!(key, "workspace setting has no effect here"),
                _ => return Err(unknown_key("config", key, "mounts, mode, default_session_id, env")),
            }
        }
        let Some(mounts) = mounts else {
            return Err(refused("config", "config requires a `mounts` mapping"));
        };
        for (key, block) in mounts {
            config.add_mount(key, block)?;
        }
        if !config.mounts.iter().any(|mount| mount.prefix == "/") {
            config.mounts.insert(0, root_mount());
        }
        Ok(config)
    }

    fn add_mount(&mut self, key: &str, block: &Value) -> Result<(), Error> {
        let at = format!("mounts.{key}");
        let Some(prefix) = normalise_prefix(key) else {
            return Err(refused(&at, "a mount's path must not contain '.', '..' or a NUL"));
        };
        if self.mounts.iter().any(|mount| mount.prefix == prefix) {
            return Err(refused(&at, format!("another mount is at {prefix} already")));
        }
        self.mounts.push(mount(&at, prefix, block, self.mode)?);
        Ok(())
    }
}

fn mount(at: &str, prefix: String, block: &Value, default_mode: Mode) -> Result<MountConfig, Error> {
    let Some(block) = block.as_object() else {
        return Err(refused(at, "a mount is a mapping such as {\"resource\": \"ram\"}"));
    };
    let (mut backend, mut own_mode, mut settings) = (None, default_mode, None);
    for (key, value) in block.iter().filter(|(_, value)| !value.is_null()) {
        match snake_case(key).as_str() {
            "resource" | "vfs" | "type" => backend = Some(text(value, &format!("{at}.{key}"))?),
            "mode" => own_mode = mode(value, &format!("{at}.mode"))?,
            "config" => {
                let mapping = value.as_object().ok_or_else(|| refused(&format!("{at}.config"), "must be a mapping"))?;
                settings = Some(mapping);
            }
            known if MOUNT_IGNORED.contains(&known) => tracing::warn!(at, key, "mount setting has no effect here"),
            _ => return Err(unknown_key(at, key, "resource, mode, config")),
        }
    }
    let backend = backend.ok_or_else(|| refused(at, "a mount requires `resource`, one of: ram, disk"))?;
    let backend = build_backend(at, &backend, settings.unwrap_or(&Map::new()))?;
    Ok(MountConfig { prefix, backend, mode: own_mode })
}

fn build_backend(at: &str, name: &str, settings: &Map<String, Value>) -> Result<Backend, Error> {
    let at_config = format!("{at}.config");
    let allowed: &[&str] = if name == "disk" { &["root"] } else { &[] };
    match name {
        "ram" | "disk" => {}
        _ => return Err(refused(at, format!("unknown backend '{name}', the ones here are: ram, disk"))),
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

/// `defaultSessionId` as `default_session_id`: clients of either spelling exist.
fn snake_case(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 4);
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
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
            assert_eq!(WorkspaceConfig::from_json(&config.to_json()).unwrap(), config);
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
        assert_eq!(WorkspaceConfig::from_json(&config.to_json()).unwrap(), config);
    }

    #[test]
    fn refusals_say_where_and_what_would_be_right() {
        assert!(reason(json!({})).contains("config requires a `mounts` mapping"));
        assert!(reason(json!({"mounts": {}, "mont": 1})).contains("unknown key 'mont'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram"}, "a/": {"resource": "ram"}}})).contains("/a/"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "s3"}}})).contains("unknown backend 's3'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "disk"}}})).contains("requires `root`"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram", "mode": "x"}}})).starts_with("mounts./a.mode"));
        assert!(reason(json!({"mounts": {"/a/../b": {"resource": "ram"}}})).contains("'..'"));
        assert!(reason(json!({"mounts": {"/a": {"resource": "ram", "config": {"root": "/"}}}})).contains("'root'"));
        assert!(reason(json!({"mounts": {}, "env": {"a-b": ""}})).contains("variable"));
    }
}
