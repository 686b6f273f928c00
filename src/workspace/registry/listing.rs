//! Which workspaces there are, and which ids are taken.

use crate::workspace::Workspace;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

#[derive(Default)]
pub(super) struct Listing {
    pub(super) by_id: HashMap<String, u64>,
    pub(super) in_order: BTreeMap<u64, Arc<Workspace>>,
    next: u64,
    /// Ids that are being created or deleted: taken, but nothing is there.
    pub(super) reserved: HashSet<String>,
    /// Ids of workspaces that were closed: the store has them.
    pub(super) closed: HashSet<String>,
    /// How many there are, for those who wait for a change.
    pub(super) count: watch::Sender<usize>,
}

impl Listing {
    pub(super) fn insert(&mut self, workspace: Arc<Workspace>) {
        self.by_id.insert(workspace.id().to_owned(), self.next);
        self.in_order.insert(self.next, workspace);
        self.next += 1;
        self.count.send_replace(self.in_order.len());
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<Workspace>> {
        self.by_id.get(id).and_then(|number| self.in_order.get(number))
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<Workspace>> {
        let removed = self.by_id.remove(id).and_then(|number| self.in_order.remove(&number));
        self.count.send_replace(self.in_order.len());
        removed
    }
}

/// An id that nobody else can take while this lives.
pub(super) struct Reserved {
    pub(super) listing: Arc<Mutex<Listing>>,
    pub(super) id: String,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        lock(&self.listing).reserved.remove(&self.id);
    }
}

pub(super) fn lock(listing: &Mutex<Listing>) -> MutexGuard<'_, Listing> {
    listing.lock().unwrap_or_else(PoisonError::into_inner)
}
