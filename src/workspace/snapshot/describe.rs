//! What the manifest says of a workspace. Pure: from what was collected to plain data.

use super::manifest::{
    CacheEntry, FileRef, FileState, Manifest, MountEntry, MountMeta, ORIGIN_FORMAT, Origin, SessionEntry, VERSION,
};
use super::redact::redacted;
use super::write::{File, Mount};
use crate::workspace::StoredWorkspace;
use crate::workspace::config::normalise_prefix;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, UNIX_EPOCH};

/// The manifest of a workspace with these mounts, in the order of their numbers.
pub(super) fn manifest(workspace: &StoredWorkspace, mounts: &[Mount<'_>]) -> io::Result<Manifest> {
    let record = &workspace.record;
    let default = |key: &str| record.config.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut entries = Vec::with_capacity(mounts.len());
    for (index, mount) in mounts.iter().enumerate() {
        let block = config_mount(&record.config, &mount.prefix);
        let own = |key: &str| block.and_then(|block| block.get(key)?.as_str()).map(str::to_owned);
        let state = match mount.backend.as_str() {
            "ram" | "disk" => to_raw_value(&state(mount, index))?,
            backend => {
                let config = block.and_then(|block| block.get("config")).map(redacted);
                to_raw_value(&json!({"type": backend, "config": config}))?
            }
        };
        entries.push(MountEntry {
            index: index as u64,
            prefix: mount.prefix.clone(),
            mode: own("mode").or_else(|| default("mode")).or_else(|| Some("write".to_owned())),
            consistency: own("consistency").or_else(|| default("consistency")).or_else(|| Some("lazy".to_owned())),
            resource_class: Some(mount.backend.clone()),
            resource_ref: Some(mount.backend.clone()),
            resource_state: state,
        });
    }
    Ok(Manifest {
        version: VERSION,
        mirage_version: "unknown".into(),
        waypost: Some(origin(workspace, mounts)),
        mounts: entries,
        sessions: record
            .sessions
            .iter()
            .map(|session| SessionEntry {
                session_id: session.id.clone(),
                cwd: Some(session.cwd.clone()),
                env: BTreeMap::new(),
                created_at: json!(record.created_ms as f64 / 1000.0),
                allowed_mounts: session.allowed_mounts.clone(),
                mount_modes: session
                    .mount_modes
                    .iter()
                    .map(|(at, mode)| (at.clone(), mode.name().to_owned()))
                    .collect(),
            })
            .collect(),
        default_session_id: record.sessions.first().map(|session| session.id.clone()),
        default_agent_id: Some("default".to_owned()),
        current_agent_id: Some("default".to_owned()),
        cache: CacheEntry { limit: Some(512 << 20), ..CacheEntry::default() },
        history: [],
        jobs: [],
        fingerprints: [],
        live_only_mounts: [],
    })
}

fn origin(workspace: &StoredWorkspace, mounts: &[Mount<'_>]) -> Origin {
    let record = &workspace.record;
    let meta = |mount: &Mount<'_>| MountMeta {
        modes: mount.meta.modes.clone(),
        symlinks: mount.meta.symlinks.clone(),
        modified_ms: mount.meta.modified_ms.clone(),
    };
    Origin {
        format: ORIGIN_FORMAT,
        id: record.id.clone(),
        created_ms: record.created_ms,
        config: without_secrets(&record.config),
        sessions: record.sessions.clone(),
        mounts: mounts.iter().map(|mount| (mount.prefix.clone(), meta(mount))).collect(),
    }
}

/// The configuration with the secrets of its mounts replaced.
fn without_secrets(config: &Value) -> Value {
    let mut config = config.clone();
    let mounts = config.get_mut("mounts").and_then(Value::as_object_mut);
    for block in mounts.into_iter().flat_map(Map::values_mut) {
        if let Some(own) = block.get_mut("config") {
            *own = redacted(own);
        }
    }
    config
}

/// The mount blocks of a configuration by their normalised prefix.
pub(super) fn config_mounts(config: &Value) -> impl Iterator<Item = (String, &Value)> {
    let mounts = config.get("mounts").and_then(Value::as_object);
    mounts
        .into_iter()
        .flatten()
        .map(|(prefix, block)| (normalise_prefix(prefix).unwrap_or_else(|| prefix.clone()), block))
}

pub(super) fn config_mount<'a>(config: &'a Value, prefix: &str) -> Option<&'a Value> {
    config_mounts(config).find(|(found, _)| found == prefix).map(|(_, block)| block)
}

/// The state, with paths as the backend's own in the reference: a leading slash for `ram`, none for `disk`, which a
/// reader would take for a path of its host.
fn state(mount: &Mount<'_>, index: usize) -> FileState {
    let slash = if mount.backend == "ram" { "/" } else { "" };
    let at = |path: &str| format!("{slash}{path}");
    let file_ref = |file: &File<'_>| FileRef { member: member_name(index, &file.path) };
    let root = (mount.backend == "ram").then(|| "/".to_owned());
    FileState {
        kind: mount.backend.clone(),
        files: mount.files.iter().map(|file| (at(&file.path), file_ref(file))).collect(),
        dirs: root.into_iter().chain(mount.dirs.iter().map(|path| at(path))).collect(),
        modified: mount
            .files
            .iter()
            .filter_map(|file| Some((at(&file.path), rfc3339(file.modified_ms)?.into())))
            .collect(),
        attrs: BTreeMap::new(),
    }
}

/// The name of the member that holds a file of a mount.
pub(super) fn member_name(index: usize, path: &str) -> String {
    format!("mounts/{index}/files/{path}")
}

/// The time as RFC 3339 says it; none before 1970 and after 9999.
pub(super) fn rfc3339(ms: i64) -> Option<String> {
    const YEAR_10000_MS: u64 = 253_402_300_800_000;
    let ms = u64::try_from(ms).ok().filter(|ms| *ms < YEAR_10000_MS)?;
    Some(humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(ms)).to_string())
}
