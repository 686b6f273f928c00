//! What the newest trees were made of, so that the next one costs only what changed since.
//!
//! It keeps files in memory that the workspace may have dropped, so there is a limit; what was not used for longest goes
//! first, and is compared by its contents the next time.

use crate::workspace::{Nesting, Tree};
use gix::ObjectId;
use gix::objs::tree::EntryKind;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of files that are remembered, of all workspaces together.
const MAX_BYTES: u64 = 2 << 30;
/// Workspaces that are remembered.
const MAX_WORKSPACES: usize = 64;

/// A tree that is in the repository, and what it was made of.
#[derive(Debug)]
pub(super) struct Made {
    /// The root of the tree.
    pub tree: ObjectId,
    /// By prefix, the mounts whose files it has.
    pub mounts: BTreeMap<String, MadeMount>,
    /// Where all mounts were.
    pub nesting: Nesting,
}

/// A mount of a tree.
#[derive(Debug, Default, Clone)]
pub(super) struct MadeMount {
    /// The files of a `ram` mount.
    pub files: Tree,
    /// What git has of a `disk` mount, by path in the mount.
    pub disk: BTreeMap<String, (EntryKind, ObjectId)>,
    /// What git does not say of its files, see [`super::manifest::MountEntry::modes`].
    pub modes: BTreeMap<Arc<str>, u32>,
}

/// By workspace, the one used last at the end.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Vec<(String, Arc<Made>)>>);

impl Recent {
    pub(super) fn get(&self, id: &str) -> Option<Arc<Made>> {
        self.lock().iter().find(|(other, _)| other == id).map(|(_, made)| made.clone())
    }

    pub(super) fn put(&self, id: &str, made: Made) {
        let mut all = self.lock();
        all.retain(|(other, _)| other != id);
        all.push((id.to_owned(), Arc::new(made)));
        let mut total: u64 = all.iter().map(|(_, made)| made.bytes()).sum();
        while total > MAX_BYTES || all.len() > MAX_WORKSPACES {
            let (_, oldest) = all.remove(0);
            total -= oldest.bytes();
        }
    }

    pub(super) fn forget(&self, id: &str) {
        self.lock().retain(|(other, _)| other != id);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, Arc<Made>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    fn bytes(&self) -> u64 {
        self.mounts.values().map(|mount| mount.files.total_bytes()).sum()
    }
}
