//! Closing a workspace, and what a closed one may still become: itself again, or nothing.

use super::Workspaces;
use super::listing::{Reserved, lock};
use crate::workspace::config::WorkspaceConfig;
use crate::workspace::{Error, Workspace};
use std::sync::Arc;

impl Workspaces {
    /// Ends a workspace but keeps what the store has of it: it is there again when the store is opened the next time, or when
    /// it is created with the same configuration. Until then its id is taken. Without a store it is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Store`], and then the workspace is still there, with nothing running.
    pub async fn close(&self, id: &str) -> Result<(), Error> {
        if self.shared.store.is_none() {
            return self.delete(id).await;
        }
        let (workspace, _reserved) = self.reserve_to_end(id)?;
        let inner = workspace.inner();
        inner.closing.cancel();
        let mut persisted = inner.persisted.lock().await;
        inner.flush(&mut persisted).await?;
        persisted.closed = true;
        drop(persisted);
        let mut listing = lock(&self.listing);
        listing.remove(id);
        listing.closed.insert(id.to_owned());
        Ok(())
    }

    /// Whether a workspace of that id is closed.
    pub fn is_closed(&self, id: &str) -> bool {
        lock(&self.listing).closed.contains(id)
    }

    /// A closed workspace as the store has it.
    ///
    /// # Errors
    /// [`Error::Exists`] for another configuration, or when somebody else is at it.
    pub(super) async fn reopen(&self, id: &str, config: &WorkspaceConfig) -> Result<Arc<Workspace>, Error> {
        let exists = || Error::Exists { id: id.to_owned() };
        let reserved = self.reserve_closed(id).ok_or_else(exists)?;
        let kept = match &self.shared.store {
            Some(store) => store.load_all().await?,
            None => Vec::new(),
        };
        let stored = kept.into_iter().find(|stored| stored.record.id == id).ok_or_else(exists)?;
        if WorkspaceConfig::from_json(&stored.record.config).ok().as_ref() != Some(config) {
            return Err(exists());
        }
        let workspace = self.assemble(stored)?;
        let mut listing = lock(&self.listing);
        listing.closed.remove(id);
        listing.insert(workspace.clone());
        drop(listing);
        drop(reserved);
        Ok(workspace)
    }

    /// Deletes a closed workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when somebody else is at it; [`Error::Store`].
    pub(super) async fn forget_closed(&self, id: &str) -> Result<(), Error> {
        let _reserved = self.reserve_closed(id).ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        if let Some(store) = &self.shared.store {
            store.delete(id).await?;
        }
        lock(&self.listing).closed.remove(id);
        Ok(())
    }

    fn reserve_closed(&self, id: &str) -> Option<Reserved> {
        let mut listing = lock(&self.listing);
        let is_free = listing.closed.contains(id) && listing.reserved.insert(id.to_owned());
        is_free.then(|| Reserved { listing: self.listing.clone(), id: id.to_owned() })
    }
}
