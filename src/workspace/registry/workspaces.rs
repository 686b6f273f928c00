//! All workspaces of a node: making, finding, copying and ending them.

use super::listing::{Listing, Reserved, lock};
use crate::base;
use crate::workspace::config::{Backend, WorkspaceConfig};
use crate::workspace::limits::{Options, Sizes};
use crate::workspace::mount::UnavailableFilesystem;
use crate::workspace::store::{SessionRecord, Store, StoredWorkspace, WorkspaceRecord};
use crate::workspace::threads::ScriptThreads;
use crate::workspace::workspace::{Shared, root_tree};
use crate::workspace::{Error, Tree, Workspace};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Words that a route needs in the place of an id.
const TAKEN_IDS: &[&str] = &[".", "..", "load", "clone"];

/// The workspaces of a node.
pub struct Workspaces {
    pub(super) shared: Shared,
    pub(super) listing: Arc<Mutex<Listing>>,
}

impl Workspaces {
    /// Opens every workspace that the store keeps. Without a store nothing is kept. A disk mount that cannot be opened
    /// any more does not hold up its workspace: what it holds is unavailable and says why.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be read.
    pub async fn open(store: Option<Arc<dyn Store>>, options: Options) -> Result<Self, Error> {
        let kept = match &store {
            Some(store) => store.load_all().await?,
            None => Vec::new(),
        };
        let shared = Shared { options, store, threads: Arc::new(ScriptThreads::default()) };
        let workspaces = Self { shared, listing: Arc::default() };
        for stored in kept {
            let id = stored.record.id.clone();
            match workspaces.assemble_kept(stored) {
                Ok(workspace) => lock(&workspaces.listing).insert(workspace),
                Err(error) => {
                    tracing::error!(id, %error, "a kept workspace cannot be opened; it stays in the store");
                    lock(&workspaces.listing).reserved.insert(id);
                }
            }
        }
        Ok(workspaces)
    }

    /// Creates a workspace with its default session. Without an id it gets a `ws_…`.
    ///
    /// # Errors
    /// [`Error::InvalidId`], [`Error::Exists`], [`Error::InvalidConfig`], [`Error::Refused`] for a mount that the
    /// owner does not allow, [`Error::Store`].
    pub async fn create(&self, id: Option<String>, config: WorkspaceConfig) -> Result<Arc<Workspace>, Error> {
        if let Some(id) = id.as_deref().filter(|id| self.is_closed(id)) {
            return self.reopen(id, &config).await;
        }
        let reserved = self.reserve(id)?;
        let trees = config.mounts.iter().filter(|mount| mount.prefix == "/" && mount.backend == Backend::Ram);
        let trees = trees.map(|mount| (mount.prefix.clone(), root_tree())).collect();
        let default = config.default_session().to_owned();
        if !is_valid_id(&default) {
            let reason = format!("'{default}' is not a session's id");
            return Err(Error::InvalidConfig { at: "default_session_id".to_owned(), reason });
        }
        let record = WorkspaceRecord {
            id: reserved.id.clone(),
            config: config.to_kept_json(),
            created_ms: base::unix_ms(),
            sessions: vec![fresh_session(default)],
        };
        self.add(reserved, StoredWorkspace { record, trees }).await
    }

    /// Adds a complete workspace, as a snapshot holds it: checked like a new one, with its files and sessions.
    ///
    /// # Errors
    /// As [`Workspaces::create`]; [`Error::TooLarge`] when its files exceed the node's limits.
    pub async fn adopt(&self, stored: StoredWorkspace) -> Result<Arc<Workspace>, Error> {
        let reserved = self.reserve(Some(stored.record.id.clone()))?;
        self.check_size(&stored)?;
        self.add(reserved, stored).await
    }

    /// How large a workspace may become.
    pub fn sizes(&self) -> Sizes {
        self.shared.options.sizes()
    }

    /// The workspace of that id.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn get(&self, id: &str) -> Result<Arc<Workspace>, Error> {
        lock(&self.listing).get(id).cloned().ok_or_else(|| Error::NotFound { id: id.to_owned() })
    }

    /// Whether a workspace of that id is being made or ended in this moment, or cannot be opened.
    pub fn is_reserved(&self, id: &str) -> bool {
        lock(&self.listing).reserved.contains(id)
    }

    /// All workspaces in the order of their creation.
    pub fn list(&self) -> Vec<Arc<Workspace>> {
        lock(&self.listing).in_order.values().cloned().collect()
    }

    /// The number of workspaces, and every change of it.
    pub fn count(&self) -> watch::Receiver<usize> {
        lock(&self.listing).count.subscribe()
    }

    /// Ends a workspace: cancels what runs in it and forgets its files. Host directories of disk mounts stay.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Store`], and then the workspace is still there, with nothing running.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        if self.is_closed(id) {
            return self.forget_closed(id).await;
        }
        let (workspace, _reserved) = self.reserve_to_end(id)?;
        let inner = workspace.inner();
        inner.closing.cancel();
        // Waits for a script's last changes on their way to the store; after this nothing is written any more.
        let mut persisted = inner.persisted.lock().await;
        if let Some(store) = &self.shared.store {
            store.delete(id).await?;
        }
        persisted.closed = true;
        drop(persisted);
        lock(&self.listing).remove(id);
        Ok(())
    }

    /// Copies a workspace as it is now: files of `ram` mounts and sessions with their state, in O(1). Its disk mounts
    /// are the same host directories: that is what an owner means by a disk mount.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the source; for the copy as [`Workspaces::create`].
    pub async fn clone_workspace(&self, source: &str, id: Option<String>) -> Result<Arc<Workspace>, Error> {
        let source = self.get(source)?;
        let reserved = self.reserve(id)?;
        let inner = source.inner();
        let mut persisted = inner.persisted.lock().await;
        // First the store gets what the source has now: it copies what it has.
        inner.flush(&mut persisted).await?;
        let mut stored = inner.stored(persisted.trees.clone());
        stored.record.id.clone_from(&reserved.id);
        stored.record.created_ms = base::unix_ms();
        let record = stored.record.clone();
        let workspace = self.assemble(stored)?;
        if let Some(store) = &self.shared.store {
            Store::clone_from(&**store, source.id(), &record).await?;
        }
        lock(&self.listing).insert(workspace.clone());
        Ok(workspace)
    }

    async fn add(&self, reserved: Reserved, stored: StoredWorkspace) -> Result<Arc<Workspace>, Error> {
        let workspace = self.assemble(stored)?;
        if let Some(store) = &self.shared.store {
            store.create(&workspace.inner().stored(workspace.inner().trees())).await?;
        }
        lock(&self.listing).insert(workspace.clone());
        drop(reserved);
        Ok(workspace)
    }

    /// Puts a workspace together, refusing mounts that the owner does not allow.
    pub(super) fn assemble(&self, stored: StoredWorkspace) -> Result<Arc<Workspace>, Error> {
        let (stored, config) = checked(stored)?;
        Workspace::assemble(&self.shared, stored, config, |mount, cache| self.open_mount(mount, cache))
    }

    fn assemble_kept(&self, stored: StoredWorkspace) -> Result<Arc<Workspace>, Error> {
        let (stored, config) = checked(stored)?;
        Workspace::assemble(&self.shared, stored, config, |mount, cache| {
            Ok(self.open_mount(mount, cache).unwrap_or_else(|error| {
                tracing::warn!(prefix = mount.prefix, %error, "a mount is unavailable");
                Arc::new(UnavailableFilesystem::new(error.to_string()))
            }))
        })
    }

    fn check_size(&self, stored: &StoredWorkspace) -> Result<(), Error> {
        let options = &self.shared.options;
        let total: u64 = stored.trees.values().map(Tree::total_bytes).sum();
        if total > options.max_workspace_bytes {
            return Err(Error::TooLarge { what: "a workspace", limit: options.max_workspace_bytes });
        }
        let largest = stored.trees.values().flat_map(|tree| tree.walk("")).map(|(_, node)| node.len()).max();
        if largest > Some(options.max_file_bytes) {
            return Err(Error::TooLarge { what: "a file", limit: options.max_file_bytes });
        }
        Ok(())
    }

    /// A workspace whose end begins, and its id, so that no other call ends it too.
    pub(super) fn reserve_to_end(&self, id: &str) -> Result<(Arc<Workspace>, Reserved), Error> {
        let mut listing = lock(&self.listing);
        let workspace = listing.get(id).cloned().ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        if !listing.reserved.insert(id.to_owned()) {
            return Err(Error::NotFound { id: id.to_owned() });
        }
        Ok((workspace, Reserved { listing: self.listing.clone(), id: id.to_owned() }))
    }

    fn reserve(&self, id: Option<String>) -> Result<Reserved, Error> {
        let id = id.unwrap_or_else(|| base::mint("ws"));
        if !is_valid_id(&id) {
            return Err(Error::InvalidId { id });
        }
        let mut listing = lock(&self.listing);
        let is_there = listing.by_id.contains_key(&id) || listing.closed.contains(&id);
        if is_there || !listing.reserved.insert(id.clone()) {
            return Err(Error::Exists { id });
        }
        Ok(Reserved { listing: self.listing.clone(), id })
    }
}

/// A kept or adopted workspace's configuration, and at least its default session.
fn checked(mut stored: StoredWorkspace) -> Result<(StoredWorkspace, WorkspaceConfig), Error> {
    let config = WorkspaceConfig::from_json(&stored.record.config)?;
    let sessions = &mut stored.record.sessions;
    if sessions.is_empty() {
        sessions.push(fresh_session(config.default_session().to_owned()));
    }
    let mut seen = HashSet::new();
    if let Some(session) = sessions.iter().find(|session| !is_valid_id(&session.id) || !seen.insert(&session.id)) {
        let reason = format!("'{}' is not a session's id, or given twice", session.id);
        return Err(Error::InvalidConfig { at: "sessions".to_owned(), reason });
    }
    Ok((stored, config))
}

fn fresh_session(id: String) -> SessionRecord {
    SessionRecord {
        id,
        cwd: "/".to_owned(),
        allowed_mounts: None,
        mount_modes: BTreeMap::new(),
        shell: serde_json::Value::Null,
    }
}

/// Whether a workspace or a session may have this id.
pub fn is_valid_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && !TAKEN_IDS.contains(&id)
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
