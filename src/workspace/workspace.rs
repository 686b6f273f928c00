//! A workspace: its mounts, its sessions, and what of it is kept.

use super::config::{Backend, MountConfig, WorkspaceConfig, normalise_prefix};
use super::limits::Options;
use super::mount::{DevFilesystem, FileCache, Filesystem, Mount, RamFilesystem, Refreshed, Table, Usage, absolute};
use super::persist::Persisted;
use super::session::{Narrowing, Session, SessionView, ShellSource};
use super::store::{SessionRecord, Store, StoredWorkspace, WorkspaceRecord};
use super::threads::ScriptThreads;
use super::tree::{Node, NodeKind, Tree};
use super::{Error, config::Mode};
use crate::base;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// A workspace. What can be done in it is in [`Workspace::execute`] and below; making and ending one is the registry's.
pub struct Workspace {
    inner: Arc<Inner>,
}

/// The part that a running script keeps alive.
pub(super) struct Inner {
    pub id: String,
    pub config: WorkspaceConfig,
    pub created_ms: i64,
    pub options: Options,
    pub store: Option<Arc<dyn Store>>,
    pub threads: Arc<ScriptThreads>,
    pub shells: Arc<ShellSource>,
    pub persisted: tokio::sync::Mutex<Persisted>,
    /// Held by a direct call that reads a file and then writes it, so that no other one comes in between.
    pub edits: Arc<Mutex<()>>,
    /// Cancelled when the workspace ends.
    pub closing: CancellationToken,
    ram: BTreeMap<String, Arc<RamFilesystem>>,
    cache: Arc<FileCache>,
    sessions: Mutex<Vec<Arc<Session>>>,
    executions: AtomicU64,
}

/// What all workspaces of a node share.
#[derive(Clone)]
pub(super) struct Shared {
    pub options: Options,
    pub store: Option<Arc<dyn Store>>,
    pub threads: Arc<ScriptThreads>,
}

/// A disk mount's filesystem at its prefix.
pub type DiskMount = (String, Arc<dyn Filesystem>);

impl Workspace {
    /// Puts a workspace together. `open` gives the filesystem of each mount that is not memory, or refuses the whole.
    pub(super) fn assemble(
        shared: &Shared,
        stored: StoredWorkspace,
        config: WorkspaceConfig,
        open: impl Fn(&MountConfig, &Arc<FileCache>) -> Result<Arc<dyn Filesystem>, Error>,
    ) -> Result<Arc<Self>, Error> {
        let StoredWorkspace { record, trees } = stored;
        let usage = Usage::new(shared.options.sizes());
        let cache = FileCache::new(config.cache_limit.unwrap_or(u64::MAX).min(shared.options.max_cache_bytes));
        let mut ram = BTreeMap::new();
        let mut mounts = Vec::with_capacity(config.mounts.len() + 1);
        for mount in &config.mounts {
            let filesystem: Arc<dyn Filesystem> = match &mount.backend {
                Backend::Ram => {
                    let tree = trees.get(&mount.prefix).cloned().unwrap_or_default();
                    let filesystem = Arc::new(RamFilesystem::new(tree, usage.clone()));
                    ram.insert(mount.prefix.clone(), filesystem.clone());
                    filesystem
                }
                Backend::Disk { .. } | Backend::Remote(_) => open(mount, &cache)?,
            };
            mounts.push(Mount { prefix: mount.prefix.clone(), mode: mount.mode, filesystem });
        }
        if !config.mounts.iter().any(|mount| mount.prefix == "/dev/") {
            let filesystem = Arc::new(DevFilesystem);
            mounts.push(Mount { prefix: "/dev/".to_owned(), mode: Mode::Write, filesystem });
        }
        let home = if ram.contains_key("/") { HOME } else { "/" };
        let shells =
            ShellSource { table: Arc::new(Table::new(mounts)), limits: usage.limits(), home, env: config.env.clone() };
        let inner = Inner {
            persisted: tokio::sync::Mutex::new(Persisted {
                trees: ram.iter().map(|(prefix, ram)| (prefix.clone(), ram.tree())).collect(),
                ..Persisted::default()
            }),
            id: record.id,
            config,
            created_ms: record.created_ms,
            options: shared.options.clone(),
            store: shared.store.clone(),
            threads: shared.threads.clone(),
            shells: Arc::new(shells),
            edits: Arc::default(),
            closing: CancellationToken::new(),
            ram,
            cache,
            sessions: Mutex::new(record.sessions.into_iter().map(Session::from_record).collect()),
            executions: AtomicU64::new(0),
        };
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    pub(super) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// The workspace's id.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The configuration, normalised.
    pub fn config(&self) -> &WorkspaceConfig {
        &self.inner.config
    }

    /// When it was created, milliseconds since 1970 UTC.
    pub fn created_ms(&self) -> i64 {
        self.inner.created_ms
    }

    /// The sessions in the order of their creation; the first one is the default session.
    pub fn sessions(&self) -> Vec<SessionView> {
        self.inner.sessions().iter().map(|session| session.view()).collect()
    }

    /// Executions that had their turn since the process started.
    pub fn history_length(&self) -> u64 {
        self.inner.executions.load(Ordering::Relaxed)
    }

    /// Creates a session. Without an id it gets `sess_` and 12 hex digits. `allowed_mounts` names the mounts that it may
    /// touch; none means all.
    ///
    /// # Errors
    /// [`Error::SessionExists`]; [`Error::InvalidId`]; [`Error::InvalidConfig`] when a mount in `allowed_mounts` is not
    /// there; [`Error::Store`].
    pub async fn create_session(
        &self,
        id: Option<String>,
        allowed_mounts: Option<Vec<String>>,
    ) -> Result<SessionView, Error> {
        self.create_narrowed_session(id, Narrowing { allowed_mounts, ..Narrowing::default() }).await
    }

    /// [`Workspace::create_session`] with all that a session can be narrowed by.
    ///
    /// # Errors
    /// As [`Workspace::create_session`].
    pub async fn create_narrowed_session(
        &self,
        id: Option<String>,
        narrowing: Narrowing,
    ) -> Result<SessionView, Error> {
        let narrowing = self.inner.checked(narrowing)?;
        let id = id.unwrap_or_else(mint_session_id);
        if !super::registry::is_valid_id(&id) {
            return Err(Error::InvalidId { id });
        }
        let session = Session::new(id, narrowing);
        {
            let mut sessions = self.inner.sessions();
            if sessions.iter().any(|other| other.id == session.id) {
                return Err(Error::SessionExists { id: session.id.clone() });
            }
            sessions.push(session.clone());
        }
        if let Err(error) = self.inner.persist(Some(&session)).await {
            self.inner.sessions().retain(|other| other.id != session.id);
            return Err(error);
        }
        Ok(session.view())
    }

    /// Ends a session. A script that runs in it runs to its end.
    ///
    /// # Errors
    /// [`Error::SessionNotFound`]; [`Error::Conflict`] for the default session; [`Error::Store`].
    pub async fn delete_session(&self, id: &str) -> Result<(), Error> {
        {
            let mut sessions = self.inner.sessions();
            let at = sessions.iter().position(|session| session.id == id);
            match at {
                None => return Err(Error::SessionNotFound { id: id.to_owned() }),
                Some(0) => {
                    let reason = format!("session '{id}' is the default session; delete the workspace instead");
                    return Err(Error::Conflict { reason });
                }
                Some(at) => sessions.remove(at),
            };
        }
        if self.inner.store.is_none() {
            return Ok(());
        }
        let mut persisted = self.inner.persisted.lock().await;
        persisted.removed.push(id.to_owned());
        self.inner.flush(&mut persisted).await
    }

    /// The workspace as it is now: record, sessions, and the files of its `ram` mounts. O(1) in the number of files. A
    /// script that runs meanwhile is seen at some moment of it, each mount whole. Secrets of remote mounts are left out.
    pub fn state(&self) -> StoredWorkspace {
        let mut state = self.inner.stored(self.inner.trees());
        state.record.config = self.inner.config.to_json();
        state
    }

    /// Bytes and files of remote mounts that are cached.
    pub fn cached(&self) -> (u64, u64) {
        self.inner.cache.usage()
    }

    /// Forgets what its mounts have cached of `path` and everything below it; `/` means all of them. Gives the path as it
    /// was understood. Blocks.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] for a path that no mount has.
    pub fn refresh(&self, path: &str) -> Result<(String, Refreshed), Error> {
        let refused = |reason: String| Error::InvalidConfig { at: "path".to_owned(), reason };
        let plain = absolute(Path::new(path)).map_err(|error| refused(format!("{path}: {error}")))?;
        let table = &self.inner.shells.table;
        let (mount, rest) = table.route(&plain).ok_or_else(|| refused(format!("no mount matches path: '{plain}'")))?;
        let below = if plain == "/" { "/".to_owned() } else { format!("{plain}/") };
        // The mount that the path is in, and those that are further down.
        let others =
            table.mounts().iter().filter(|other| other.prefix.starts_with(&below) && other.prefix != mount.prefix);
        let dropped = others.map(|other| other.filesystem.refresh("")).chain([mount.filesystem.refresh(rest)]);
        let total = dropped.fold(Refreshed::default(), |sum, one| Refreshed {
            file_entries: sum.file_entries + one.file_entries,
            index_entries: sum.index_entries + one.index_entries,
        });
        Ok((plain, total))
    }

    /// The filesystems of its disk mounts, by prefix. Their methods block.
    pub fn disk_mounts(&self) -> Vec<DiskMount> {
        let is_disk = |prefix: &str| {
            let mut mounts = self.inner.config.mounts.iter();
            mounts.any(|mount| mount.prefix == prefix && matches!(mount.backend, Backend::Disk { .. }))
        };
        let mounts = self.inner.shells.table.mounts().iter().filter(|mount| is_disk(&mount.prefix));
        mounts.map(|mount| (mount.prefix.clone(), mount.filesystem.clone())).collect()
    }
}

impl Inner {
    /// The session of that id; none means the default session.
    pub fn session(&self, id: Option<&str>) -> Result<Arc<Session>, Error> {
        if self.closing.is_cancelled() {
            return Err(Error::NotFound { id: self.id.clone() });
        }
        let sessions = self.sessions();
        let found = match id {
            None => sessions.first(),
            Some(id) => sessions.iter().find(|session| session.id == id),
        };
        found.cloned().ok_or_else(|| Error::SessionNotFound { id: id.unwrap_or_default().to_owned() })
    }

    /// The `ram` trees as they are now.
    pub fn trees(&self) -> BTreeMap<String, Tree> {
        self.ram.iter().map(|(prefix, ram)| (prefix.clone(), ram.tree())).collect()
    }

    /// Everything but the files.
    pub fn record(&self) -> WorkspaceRecord {
        WorkspaceRecord {
            id: self.id.clone(),
            config: self.config.to_kept_json(),
            created_ms: self.created_ms,
            sessions: self.records(|_| true),
        }
    }

    /// The records of the sessions whose id is `wanted`.
    pub fn records(&self, wanted: impl Fn(&str) -> bool) -> Vec<SessionRecord> {
        self.sessions().iter().filter(|session| wanted(&session.id)).map(|session| session.record()).collect()
    }

    /// The filesystem at `prefix`.
    pub fn filesystem(&self, prefix: &str) -> Option<Arc<dyn Filesystem>> {
        let mut mounts = self.shells.table.mounts().iter();
        mounts.find(|mount| mount.prefix == prefix).map(|mount| mount.filesystem.clone())
    }

    /// Replaces all files of the `ram` mount at `prefix` in one step; returns what was there.
    pub fn swap(&self, prefix: &str, tree: Tree) -> Option<Tree> {
        self.ram.get(prefix).map(|ram| ram.swap(tree))
    }

    /// The sessions; the first one is the default session.
    pub fn session_list(&self) -> Vec<Arc<Session>> {
        self.sessions().clone()
    }

    /// Replaces the sessions.
    pub fn set_sessions(&self, sessions: Vec<Arc<Session>>) {
        *self.sessions() = sessions;
    }

    /// One more execution had its turn.
    pub fn count_execution(&self) {
        self.executions.fetch_add(1, Ordering::Relaxed);
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The narrowing with normalised prefixes. A prefix where no mount is would narrow nothing, so it is refused.
    fn checked(&self, narrowing: Narrowing) -> Result<Narrowing, Error> {
        let known: Vec<&str> = self.shells.table.mounts().iter().map(|mount| mount.prefix.as_str()).collect();
        let check = |text: &String| {
            let prefix = normalise_prefix(text).filter(|prefix| known.contains(&prefix.as_str()));
            prefix.ok_or_else(|| Error::InvalidConfig {
                at: "allowed_mounts".to_owned(),
                reason: format!("no mount is at '{text}', they are at: {}", known.join(", ")),
            })
        };
        let Narrowing { allowed_mounts, mount_modes } = narrowing;
        Ok(Narrowing {
            allowed_mounts: allowed_mounts.map(|mounts| mounts.iter().map(check).collect()).transpose()?,
            mount_modes: mount_modes
                .iter()
                .map(|(text, mode)| Ok((check(text)?, *mode)))
                .collect::<Result<_, Error>>()?,
        })
    }
}

/// Where `~` is when `/` is a `ram` mount.
const HOME: &str = "/home/user";

/// What a new `ram` mount at `/` starts with: the directories that scripts take for granted.
pub(super) fn root_tree() -> Tree {
    let mut tree = Tree::new();
    for (path, mode) in [("home", 0o755), ("home/user", 0o755), ("tmp", 0o1777)] {
        tree.insert(path, Node { kind: NodeKind::Directory, mode, modified_ms: base::unix_ms() });
    }
    tree
}

fn mint_session_id() -> String {
    format!("sess_{:012x}", rand::random::<u64>() & 0xffff_ffff_ffff)
}
