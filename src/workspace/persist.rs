//! Hands what changed to the store, once and in order.

use super::Error;
use super::session::Session;
use super::store::{Delta, StoredWorkspace};
use super::tree::Tree;
use super::workspace::Inner;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the store has of a workspace. Its lock is held over every call to the store, so that deltas arrive in the order
/// in which they were taken.
#[derive(Default)]
pub(super) struct Persisted {
    /// The `ram` trees as the store has them.
    pub trees: BTreeMap<String, Tree>,
    /// Sessions whose newest state the store does not have.
    pub dirty: BTreeSet<String>,
    /// Sessions that the store still has.
    pub removed: Vec<String>,
    /// The workspace was deleted.
    pub closed: bool,
}

impl Inner {
    /// Brings the store up to date with the files, and with `changed` when given. What a failed call did not keep is
    /// part of the next one.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::NotFound`] when the workspace was deleted meanwhile.
    pub async fn persist(&self, changed: Option<&Arc<Session>>) -> Result<(), Error> {
        if self.store.is_none() {
            return Ok(());
        }
        let mut persisted = self.persisted.lock().await;
        persisted.dirty.extend(changed.map(|session| session.id.clone()));
        self.flush(&mut persisted).await
    }

    /// [`Inner::persist`] under a lock that the caller holds.
    pub async fn flush(&self, persisted: &mut Persisted) -> Result<(), Error> {
        if persisted.closed {
            return Err(Error::NotFound { id: self.id.clone() });
        }
        let trees = self.trees();
        let Some(store) = &self.store else {
            persisted.trees = trees;
            return Ok(());
        };
        let mut delta = Delta::default();
        for (prefix, tree) in &trees {
            let changes = match persisted.trees.get(prefix) {
                Some(older) if tree.same(older) => continue,
                Some(older) => tree.changes_since(older),
                None => tree.changes_since(&Tree::new()),
            };
            if !changes.is_empty() {
                delta.files.push((prefix.clone(), changes));
            }
        }
        delta.sessions = self.records(|id| persisted.dirty.contains(id));
        // An id that was taken again is a changed session, not a removed one.
        let again = self.records(|id| persisted.removed.iter().any(|removed| removed == id));
        delta.removed_sessions.clone_from(&persisted.removed);
        delta.removed_sessions.retain(|id| !again.iter().any(|record| record.id == *id));
        if !delta.is_empty() {
            store.apply(&self.id, &delta).await?;
        }
        persisted.trees = trees;
        persisted.dirty.clear();
        persisted.removed.clear();
        Ok(())
    }

    /// The workspace as the store has it after a successful flush.
    pub fn stored(&self, trees: BTreeMap<String, Tree>) -> StoredWorkspace {
        StoredWorkspace { record: self.record(), trees }
    }
}
