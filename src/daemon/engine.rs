//! What a node and a daemon have in common: an engine over its workspaces, and a listener in front of it.

use super::{DaemonError, memory};
use crate::api::{ApiConfig, ApiServer, BindError};
use crate::base::create_private_dir;
use crate::jobs::{Engine, EngineOptions, Policy};
use crate::remote::OpendalMounts;
use crate::state::{Home, LockFile, StateError};
use crate::store::SqliteStore;
use crate::versions::GitVersions;
use crate::workspace::{Options, Store, Versions, Workspaces};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where workspaces and jobs are kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) workspaces: PathBuf,
    pub(super) jobs: PathBuf,
    pub(super) repos: PathBuf,
}

/// What its owner opens to workspaces beyond themselves. The default is nothing.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    /// As [`Policy::disk_roots`].
    pub disk_roots: Vec<PathBuf>,
    /// As [`Policy::snapshot_roots`].
    pub snapshot_roots: Vec<PathBuf>,
    /// As [`Policy::allow_remote`].
    pub allow_remote: Vec<String>,
    /// As [`Options::max_entries`]; its default when none.
    pub max_entries: Option<u64>,
}

impl Kept {
    /// Where a home keeps them.
    pub(super) fn in_home(home: &Home) -> Self {
        Self { workspaces: home.workspaces(), jobs: home.jobs(), repos: home.repos() }
    }

    /// In a directory that is no home. Others may name it too, so it has a lock of its own.
    pub(super) fn in_dir(dir: &Path) -> Result<(Self, LockFile), DaemonError> {
        // A directory in it: what else is there, and who may enter, is its owner's affair.
        let dir = dir.join("waypost");
        create_private_dir(&dir).map_err(|source| StateError::Io { path: dir.clone(), source })?;
        let lock = LockFile::acquire(&dir.join("lock"))?;
        let lock = lock.map_err(|pid| DaemonError::Serving { dir: dir.clone(), pid })?;
        Ok((Self { workspaces: dir.join("workspaces"), jobs: dir.join("jobs.db"), repos: dir.join("repos") }, lock))
    }
}

/// The engine over what is kept, or over nothing and in memory.
pub(super) async fn open_engine(kept: Option<&Kept>, grants: &Grants) -> Result<Engine, DaemonError> {
    let default = Options::default();
    let limits = Options {
        max_entries: grants.max_entries.unwrap_or(default.max_entries),
        disk_roots: grants.disk_roots.clone(),
        remote: Some(Arc::new(OpendalMounts::default())),
        allow_remote: grants.allow_remote.clone(),
        ..default
    };
    let store = match kept {
        Some(kept) => Some(open_store(&kept.workspaces).await?),
        None => None,
    };
    let port = store.clone().map(|store| store as Arc<dyn Store>);
    let workspaces = Workspaces::open(port, limits).await.map_err(|failed| DaemonError::Failed(failed.to_string()))?;
    for damage in store.iter().flat_map(|store| store.damages()) {
        tracing::error!(%damage, "a workspace cannot be loaded; it stays in the store");
    }
    let policy = Policy {
        disk_roots: grants.disk_roots.clone(),
        snapshot_roots: grants.snapshot_roots.clone(),
        allow_remote: grants.allow_remote.clone(),
        ..Policy::default()
    };
    let versions = match kept {
        Some(kept) => GitVersions::new(kept.repos.clone()),
        None => GitVersions::temporary().map_err(|failed| DaemonError::Storage(format!("versions: {failed}")))?,
    };
    let versions: Option<Arc<dyn Versions>> = Some(Arc::new(versions));
    let jobs_db = kept.map(|kept| kept.jobs.clone());
    let engine = Engine::open(EngineOptions { versions, jobs_db, policy, ..EngineOptions::new(workspaces) }).await?;
    memory::look_after(&engine);
    Ok(engine)
}

async fn open_store(dir: &Path) -> Result<Arc<SqliteStore>, DaemonError> {
    let store = SqliteStore::open(dir).await;
    Ok(Arc::new(store.map_err(|failed| DaemonError::Storage(failed.to_string()))?))
}

/// Takes the address; any free port when it is taken and `or_any_port`.
pub(super) async fn bind(config: ApiConfig, or_any_port: bool, engine: &Engine) -> Result<ApiServer, DaemonError> {
    let bound = match ApiServer::bind(config.clone(), engine.clone()).await {
        Err(BindError::Listen { mut listen, .. }) if or_any_port => {
            listen.set_port(0);
            ApiServer::bind(ApiConfig { listen, ..config }, engine.clone()).await
        }
        bound => bound,
    };
    bound.map_err(|failed| match failed {
        BindError::NotLoopback { .. } | BindError::Open { .. } => DaemonError::Config(failed.to_string()),
        BindError::Listen { listen, source } => {
            DaemonError::Listen { address: listen.to_string(), reason: source.to_string() }
        }
    })
}
