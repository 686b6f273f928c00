//! How workspaces and sessions look in answers.

use crate::wire::v1::{MountView, SessionView, WorkspaceDetail, WorkspaceSummary};
use crate::workspace::{self, Backend, Mode, MountConfig, Workspace};
use serde_json::{Map, Value, json};

/// The answer of `workspaces.create`, `get`, `load` and `clone`.
pub(super) fn detail(workspace: &Workspace, verbose: bool) -> WorkspaceDetail {
    let created_at = created_at(workspace);
    WorkspaceDetail {
        id: workspace.id().to_owned(),
        mode: mode(workspace).name().to_owned(),
        created_at,
        created_at_camel: created_at,
        fuse_mountpoints: Map::new(),
        sessions: workspace.sessions().into_iter().map(session).collect(),
        mounts: mounts(workspace).into_iter().map(mount).collect(),
        internals: verbose.then(|| internals(workspace)),
        existing: false,
    }
}

/// An item of `workspaces.list`.
pub(super) fn summary(workspace: &Workspace) -> WorkspaceSummary {
    let (mounts, sessions) = (workspace.config().mounts.len(), workspace.sessions().len());
    let created_at = created_at(workspace);
    WorkspaceSummary {
        id: workspace.id().to_owned(),
        mode: mode(workspace).name().to_owned(),
        mount_count: mounts,
        mount_count_camel: mounts,
        session_count: sessions,
        session_count_camel: sessions,
        created_at,
        created_at_camel: created_at,
    }
}

/// A session in any answer.
pub(super) fn session(session: workspace::SessionView) -> SessionView {
    SessionView { session_id_camel: session.id.clone(), session_id: session.id, cwd: session.cwd }
}

fn mount(mount: &MountConfig) -> MountView {
    let description = match &mount.backend {
        Backend::Ram => "Files that live in this workspace.".to_owned(),
        Backend::Disk { .. } => "A directory of the machine that runs this workspace.".to_owned(),
        Backend::Remote(remote) => format!("Storage at {}.", remote.endpoint().unwrap_or_default()),
    };
    MountView {
        prefix: mount.prefix.clone(),
        resource: mount.backend.name().to_owned(),
        vfs: mount.backend.name().to_owned(),
        mode: mount.mode.name().to_owned(),
        description,
    }
}

/// Longest prefix first, as paths are resolved.
fn mounts(workspace: &Workspace) -> Vec<&MountConfig> {
    let mut mounts: Vec<_> = workspace.config().mounts.iter().collect();
    mounts.sort_by_key(|mount| std::cmp::Reverse(mount.prefix.len()));
    mounts
}

fn mode(workspace: &Workspace) -> Mode {
    mounts(workspace).first().map_or(Mode::Read, |mount| mount.mode)
}

/// The shell's own `&` jobs do not outlive their script.
fn internals(workspace: &Workspace) -> Value {
    let (cache_bytes, cache_entries) = workspace.cached();
    let history_length = workspace.history_length();
    json!({
        "cache_bytes": cache_bytes,
        "cache_entries": cache_entries,
        "history_length": history_length,
        "in_flight_jobs": 0,
        "cacheBytes": cache_bytes,
        "cacheEntries": cache_entries,
        "historyLength": history_length,
        "inFlightJobs": 0,
    })
}

fn created_at(workspace: &Workspace) -> f64 {
    workspace.created_ms() as f64 / 1000.0
}
