//! A snapshot's manifest and members into what a workspace is made of.

use super::backend;
use super::build::Growing;
use super::limits::{Budget, LoadLimits};
use super::manifest::{FileState, Manifest, MountEntry, MountMeta, ORIGIN_FORMAT, Origin, READ_VERSIONS};
use super::member::{Kind, Members};
use super::name::{bad, clean, shown, target};
use super::redact::is_redacted;
use crate::workspace::config::{Mode, normalise_prefix};
use crate::workspace::{Content, Error, Node, NodeKind, SessionRecord, Tree};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::UNIX_EPOCH;

/// A snapshot, read whole. Nothing in it is trusted beyond its form: ids, the configuration and what it mounts are held
/// against the rules by whoever makes a workspace of it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The id of the workspace that was saved; none in the reference's snapshots.
    pub id: Option<String>,
    /// When that was created, milliseconds since 1970 UTC.
    pub created_ms: Option<i64>,
    /// Its configuration: ours as it was, or `{mounts: {prefix: {resource, mode, consistency, config}}}`. A `disk` mount in
    /// it may name any directory of whoever wrote it, and so must not be mounted there.
    pub config: Value,
    /// Its sessions, the default one first.
    pub sessions: Vec<LoadedSession>,
    /// Its mounts, in the order of the manifest.
    pub mounts: Vec<LoadedMount>,
}

/// A session of a snapshot.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedSession {
    /// The session; its shell state is null in the reference's snapshots.
    pub record: SessionRecord,
    /// Exported variables, in the reference's snapshots only: ours are in the shell state.
    pub env: BTreeMap<String, String>,
}

/// A mount of a snapshot.
#[derive(Debug, Clone)]
pub struct LoadedMount {
    /// Where it was mounted, `/data/`.
    pub prefix: String,
    /// The backend as a configuration names it, e.g. `ram`.
    pub resource: &'static str,
    /// `read`, `write` or `exec`, when it was given.
    pub mode: Option<String>,
    /// `lazy` or `always`, when it was given.
    pub consistency: Option<String>,
    /// The backend's configuration; null for `ram`.
    pub config: Value,
    /// Whether secrets are missing in `config`, so that it must be given anew.
    pub needs_override: bool,
    /// The files of a `ram` or `disk` mount, empty for others. Targets of symbolic links are as written and may lead
    /// anywhere, which in a workspace is harmless; on a host's disk they are to be made through a confined handle.
    pub tree: Tree,
}

/// Reads the members after the manifest.
pub(super) fn snapshot(manifest: &[u8], members: &mut Members<'_, '_>, limits: &LoadLimits) -> Result<Snapshot, Error> {
    let manifest: Manifest =
        serde_json::from_slice(manifest).map_err(|error| bad(format!("manifest.json: {error}")))?;
    check_versions(&manifest)?;
    let pending = pending_mounts(&manifest)?;
    let contents = read_contents(&pending, members)?;

    let mut budget = Budget::new(limits);
    let mut mounts = Vec::with_capacity(pending.len());
    for mount in pending {
        mounts.push(mount.finish(&contents, manifest.waypost.as_ref(), &mut budget)?);
    }
    let sessions = sessions(&manifest)?;
    let (id, created_ms, config) = match manifest.waypost {
        Some(origin) => (Some(origin.id), Some(origin.created_ms), origin.config),
        None => (None, None, config_of(&mounts)),
    };
    Ok(Snapshot { id, created_ms, config, sessions, mounts })
}

fn check_versions(manifest: &Manifest) -> Result<(), Error> {
    if !READ_VERSIONS.contains(&manifest.version) {
        return Err(bad(format!("manifest.json: version {} is not known; 2, 3 and 5 are", manifest.version)));
    }
    match &manifest.waypost {
        Some(origin) if origin.format > ORIGIN_FORMAT => Err(bad(format!(
            "manifest.json: written by a newer version (format {}, this one reads up to {ORIGIN_FORMAT})",
            origin.format
        ))),
        _ => Ok(()),
    }
}

/// A mount whose files are not read yet.
struct Pending {
    mount: LoadedMount,
    state: FileState,
    /// The clean names of the members that `state.files` refers to, in its order.
    members: Vec<String>,
}

fn pending_mounts(manifest: &Manifest) -> Result<Vec<Pending>, Error> {
    let mut prefixes = BTreeSet::new();
    let mut pending = Vec::new();
    for entry in &manifest.mounts {
        let mount = pending_mount(entry)?;
        if !prefixes.insert(mount.mount.prefix.clone()) {
            return Err(bad(format!("manifest.json: two mounts at '{}'", shown(&entry.prefix))));
        }
        pending.push(mount);
    }
    Ok(pending)
}

fn pending_mount(entry: &MountEntry) -> Result<Pending, Error> {
    let at = |error: serde_json::Error| bad(format!("manifest.json: mount '{}': {error}", shown(&entry.prefix)));
    let inner = clean(entry.prefix.trim_start_matches('/').as_bytes())?;
    let prefix = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
    let resource = match &entry.resource_class {
        Some(class) => backend::named(class)?,
        None => return Err(bad(format!("manifest.json: mount '{}' has no resource class", shown(&entry.prefix)))),
    };
    let (state, config) = match resource {
        "ram" => (serde_json::from_str(entry.resource_state.get()).map_err(at)?, Value::Null),
        "disk" => (serde_json::from_str(entry.resource_state.get()).map_err(at)?, json!({})),
        _ => {
            let mut state: Map<String, Value> = serde_json::from_str(entry.resource_state.get()).map_err(at)?;
            (FileState::default(), state.remove("config").unwrap_or(Value::Null))
        }
    };
    let members = state.files.values().map(|file| clean(file.member.as_bytes())).collect::<Result<_, _>>()?;
    let needs_override = is_redacted(&config);
    let (mode, consistency) = (entry.mode.clone(), entry.consistency.clone());
    let mount = LoadedMount { prefix, resource, mode, consistency, config, needs_override, tree: Tree::new() };
    Ok(Pending { mount, state, members })
}

/// The content of every member that a mount refers to. Others are skipped: they belong to what is not restored.
fn read_contents(pending: &[Pending], members: &mut Members<'_, '_>) -> Result<HashMap<String, Content>, Error> {
    let wanted: BTreeSet<&str> = pending.iter().flat_map(|mount| &mount.members).map(String::as_str).collect();
    let mut contents = HashMap::with_capacity(wanted.len());
    while let Some(member) = members.next()? {
        match member.kind {
            Kind::Directory => {}
            Kind::Symlink | Kind::HardLink => {
                return Err(bad(format!("member '{}' is a link, which no snapshot has", shown(&member.name))));
            }
            Kind::File if !wanted.contains(member.name.as_str()) => {}
            Kind::File => {
                let content = members.content(&member)?;
                if contents.insert(member.name.clone(), content).is_some() {
                    return Err(bad(format!("member '{}' is there twice", shown(&member.name))));
                }
            }
        }
    }
    Ok(contents)
}

impl Pending {
    fn finish(
        self,
        contents: &HashMap<String, Content>,
        origin: Option<&Origin>,
        budget: &mut Budget<'_>,
    ) -> Result<LoadedMount, Error> {
        let Self { mut mount, state, members } = self;
        let nothing = MountMeta::default();
        let meta = origin.and_then(|origin| origin.mounts.get(&mount.prefix)).unwrap_or(&nothing);
        let mut growing = Growing::new(budget);
        for dir in &state.dirs {
            let path = state_path(dir)?;
            let (mode, modified_ms) = (mode(meta, &path, 0o755)?, meta.modified_ms.get(&path).copied().unwrap_or(0));
            growing.put(&path, Node { kind: NodeKind::Directory, mode, modified_ms })?;
        }
        for (key, member) in state.files.keys().zip(&members) {
            let path = state_path(key)?;
            let content = contents
                .get(member)
                .ok_or_else(|| bad(format!("manifest.json refers to the missing member '{}'", shown(member))))?;
            let modified = state.modified.get(key).and_then(Value::as_str).map_or(0, modified_ms);
            let modified_ms = meta.modified_ms.get(&path).copied().unwrap_or(modified);
            let mode = mode(meta, &path, 0o644)?;
            growing.put(&path, Node { kind: NodeKind::File(content.clone()), mode, modified_ms })?;
        }
        for (key, to) in &meta.symlinks {
            let path = state_path(key)?;
            let kind = NodeKind::Symlink(target(&path, to.as_bytes())?.into());
            let modified_ms = meta.modified_ms.get(&path).copied().unwrap_or(0);
            growing.put(&path, Node { kind, mode: 0o777, modified_ms })?;
        }
        mount.tree = growing.into_tree();
        Ok(mount)
    }
}

/// A path of a mount's state as [`Tree`] wants it.
fn state_path(path: &str) -> Result<String, Error> {
    clean(path.strip_prefix('/').unwrap_or(path).as_bytes())
}

fn mode(meta: &MountMeta, path: &str, default: u32) -> Result<u32, Error> {
    let Some(octal) = meta.modes.get(path) else { return Ok(default) };
    u32::from_str_radix(octal, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777)
        .ok_or_else(|| bad(format!("manifest.json: '{}' has the bad mode '{}'", shown(path), shown(octal))))
}

/// Milliseconds of an RFC 3339 time in UTC; 0 for what cannot be said.
fn modified_ms(text: &str) -> i64 {
    let utc = text.strip_suffix("+00:00").unwrap_or(text);
    let since = humantime::parse_rfc3339_weak(utc).ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(0)
}

fn sessions(manifest: &Manifest) -> Result<Vec<LoadedSession>, Error> {
    let mut sessions: Vec<LoadedSession> = match &manifest.waypost {
        Some(origin) => {
            origin.sessions.iter().cloned().map(|record| LoadedSession { record, env: BTreeMap::new() }).collect()
        }
        None => manifest.sessions.iter().map(foreign_session).collect(),
    };
    let mut ids = BTreeSet::new();
    if let Some(twice) = sessions.iter().find(|session| !ids.insert(session.record.id.as_str())) {
        return Err(bad(format!("manifest.json: two sessions '{}'", shown(&twice.record.id))));
    }
    // Stable: the others stay in their order.
    sessions.sort_by_key(|session| Some(&session.record.id) != manifest.default_session_id.as_ref());
    Ok(sessions)
}

fn foreign_session(session: &super::manifest::SessionEntry) -> LoadedSession {
    // A mode that is not known narrows as far as there is.
    let mode =
        |(prefix, mode): (&String, &String)| Some((normalise_prefix(prefix)?, Mode::parse(mode).unwrap_or(Mode::Read)));
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    LoadedSession {
        record: SessionRecord {
            id: session.session_id.clone(),
            cwd: session.cwd.clone().unwrap_or_else(|| "/".to_owned()),
            allowed_mounts: session.allowed_mounts.clone(),
            mount_modes: session.mount_modes.iter().filter_map(mode).collect(),
            shell: Value::Null,
        },
        env: session.env.iter().filter_map(text).collect(),
    }
}

/// A configuration that mounts the same again.
fn config_of(mounts: &[LoadedMount]) -> Value {
    let block = |mount: &LoadedMount| {
        let mut block = Map::new();
        block.insert("resource".to_owned(), mount.resource.into());
        let given = [("mode", &mount.mode), ("consistency", &mount.consistency)];
        block.extend(given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?.into()))));
        if !mount.config.is_null() {
            block.insert("config".to_owned(), mount.config.clone());
        }
        Value::Object(block)
    };
    json!({"mounts": mounts.iter().map(|mount| (mount.prefix.clone(), block(mount))).collect::<Map<_, _>>()})
}
