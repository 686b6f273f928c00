//! `workspaces.load`: a new workspace from an archive: a snapshot, ours or the reference's, or any other tar.

use super::snapshot_to::place;
use super::{done, overrides, view};
use crate::base::{mint, unix_ms};
use crate::jobs::archive_file::Place;
use crate::jobs::engine::Inner;
use crate::jobs::failure::invalid;
use crate::jobs::stop::Stop;
use crate::jobs::upload::Stoppable;
use crate::jobs::{Outcome, RunContext, Upload, failure, inside, params};
use crate::wire::v1::{Failure, LoadParams};
use crate::workspace::snapshot::{self, Loaded, LoadedMount, Snapshot};
use crate::workspace::{
    Error, Node, NodeKind, StoredWorkspace, Tree, WorkspaceConfig, WorkspaceRecord, normalise_prefix,
};
use bytes::{Buf as _, Bytes};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};

/// Bytes of a host's file that are read at once.
const CHUNK: usize = 256 << 10;

/// The archive that came with a request, if one did.
pub(super) fn archive(upload: Option<Upload>, body: Bytes) -> Option<Upload> {
    upload.or_else(|| if body.is_empty() { None } else { Some(Box::new(body.reader())) })
}

pub(super) async fn run(
    engine: &Inner,
    params: Map<String, Value>,
    archive: Option<Upload>,
    context: &RunContext,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let params: LoadParams = params::parse(params)?;
    // A taken id is told before an archive is read for nothing.
    if let Some(id) = params.id.as_ref().filter(|id| engine.workspaces.get(id).is_ok()) {
        return Err(failure::workspace(Error::Exists { id: id.clone() }));
    }
    let id = params.id.clone().unwrap_or_else(|| mint("ws"));
    let loaded = read(engine, &params, archive, stop).await?;
    let stored = match loaded {
        Loaded::Snapshot(snapshot) => restored(id, *snapshot, &params)?,
        Loaded::Plain(tree) => plain(id, tree, &params)?,
    };
    // A caller that went away while the end was read gets nothing that it does not know of.
    stop.check()?;
    let config = WorkspaceConfig::from_json(&stored.record.config).map_err(failure::workspace)?;
    // The archive names mounts too.
    inside::check_config(context, &config)?;
    engine.policy.check_mounts(&config)?;
    let workspace = engine.workspaces.adopt(stored).await.map_err(failure::workspace)?;
    tracing::info!(workspace = workspace.id(), "workspace loaded");
    done(&view::detail(&workspace, false))
}

/// Reads the archive that came with the request, or the one at its path.
async fn read(engine: &Inner, params: &LoadParams, archive: Option<Upload>, stop: &Stop) -> Result<Loaded, Failure> {
    let by_path = match (&params.path, &params.key) {
        (None, None) => None,
        _ if archive.is_some() => return Err(invalid("path: the request has an archive of its own")),
        (path, key) => {
            let path = place(path.clone(), key.clone())?;
            Some((engine.policy.snapshot_roots(&path)?.to_vec(), path))
        }
    };
    let (limits, own) = (engine.load_limits.clone(), stop.clone());
    let read = tokio::task::spawn_blocking(move || {
        let read = |input: &mut dyn BufRead| {
            snapshot::read(input, &limits)
                .map_err(|error| own.check().err().unwrap_or_else(|| failure::workspace(error)))
        };
        match by_path {
            None => {
                read(&mut Stoppable { input: archive.unwrap_or_else(|| Box::new(std::io::empty())), stop: own.clone() })
            }
            Some((roots, path)) => {
                let (file, _) = Place::locate(&roots, &path)?.open()?;
                read(&mut Stoppable { input: BufReader::with_capacity(CHUNK, file), stop: own.clone() })
            }
        }
    });
    read.await.map_err(|error| failure::task(&error))?
}

/// Any tar: a `ram` mount with its files.
fn plain(id: String, tree: Tree, params: &LoadParams) -> Result<StoredWorkspace, Failure> {
    if params.override_.is_some() {
        return Err(invalid("override: the archive is not a snapshot, so there are no mounts to replace"));
    }
    let at = params.mount.as_deref().unwrap_or("/");
    let config = WorkspaceConfig::from_json(&json!({"mounts": {at: {"resource": "ram"}}}))
        .map_err(|error| invalid(format!("mount: {error}")))?;
    let mut trees = BTreeMap::from([(normalise_prefix(at).unwrap_or_default(), tree)]);
    add_usual_directories(&mut trees);
    Ok(stored(id, config.to_kept_json(), Vec::new(), trees))
}

/// A snapshot: its mounts as they were, but for those that the caller replaces. A host directory is never taken from an
/// archive: what was a `disk` mount comes back as a `ram` mount with the same files.
fn restored(id: String, snapshot: Snapshot, params: &LoadParams) -> Result<StoredWorkspace, Failure> {
    if params.mount.is_some() {
        return Err(invalid("mount: the archive is a snapshot, which says itself where its files go"));
    }
    let mut overrides = overrides::read(params.override_.as_ref())?;
    refuse_missing(&snapshot, &overrides)?;
    let mut mounts = Map::new();
    let mut trees = BTreeMap::new();
    for mount in snapshot.mounts {
        let block = overrides.remove(&mount.prefix).unwrap_or_else(|| block(&mount, &snapshot.config));
        if overrides::is_ram(&block) {
            trees.insert(mount.prefix.clone(), mount.tree);
        }
        mounts.insert(mount.prefix, block);
    }
    overrides::refuse_left(&overrides, "the snapshot", mounts.keys())?;
    if snapshot.id.is_none() {
        add_usual_directories(&mut trees);
    }
    let mut config = match snapshot.config {
        Value::Object(config) => config,
        _ => Map::new(),
    };
    config.insert("mounts".to_owned(), Value::Object(mounts));
    let sessions = snapshot.sessions.into_iter().map(|session| session.record).collect();
    // Through the engine's own reader, so that what is kept is normalised.
    let config = WorkspaceConfig::from_json(&Value::Object(config)).map_err(failure::workspace)?;
    Ok(stored(id, config.to_kept_json(), sessions, trees))
}

/// The mount's own block, with no directory of anybody's host in it. How it is cached is in our own snapshots only.
fn block(mount: &LoadedMount, config: &Value) -> Value {
    let mode = mount.mode.as_deref().unwrap_or("write");
    match mount.resource {
        "ram" | "disk" => json!({"resource": "ram", "mode": mode}),
        resource => {
            let own = |key: &str| config.get("mounts")?.get(&mount.prefix)?.get(key).cloned();
            json!({
                "resource": resource, "mode": mode, "config": mount.config, "read": own("read"), "ttl": own("ttl"),
                "consistency": mount.consistency,
            })
        }
    }
}

fn refuse_missing(snapshot: &Snapshot, overrides: &BTreeMap<String, Value>) -> Result<(), Failure> {
    let missing = snapshot.mounts.iter().filter(|mount| mount.needs_override && !overrides.contains_key(&mount.prefix));
    let missing: Vec<_> = missing.map(|mount| mount.prefix.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(invalid(format!("load must include overrides for: {}", missing.join(", "))).hint(
        "a snapshot holds no secrets; give {\"mounts\": {prefix: {\"resource\": …, \"config\": …}}} as `override`",
    ))
}

/// Directories that scripts take for granted and that other archives do not have.
fn add_usual_directories(trees: &mut BTreeMap<String, Tree>) {
    let root = trees.entry("/".to_owned()).or_default();
    for (path, mode) in [("home", 0o755), ("home/user", 0o755), ("tmp", 0o1777)] {
        // A file in the place of a directory stays: it is the archive's word that counts.
        let parent_is_file = path.split_once('/').and_then(|(parent, _)| root.get(parent)).is_some_and(is_no_directory);
        if root.get(path).is_none() && !parent_is_file {
            root.insert(path, Node { kind: NodeKind::Directory, mode, modified_ms: unix_ms() });
        }
    }
}

fn is_no_directory(node: &Node) -> bool {
    !matches!(node.kind, NodeKind::Directory)
}

fn stored(
    id: String,
    config: Value,
    sessions: Vec<crate::workspace::SessionRecord>,
    trees: BTreeMap<String, Tree>,
) -> StoredWorkspace {
    StoredWorkspace { record: WorkspaceRecord { id, config, created_ms: unix_ms(), sessions }, trees }
}
