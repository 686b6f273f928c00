//! The repositories of all workspaces, and the port's methods.

use super::recent::Recent;
use super::repository::{self, Opened};
use super::temporary::Temporary;
use super::{branch, commit, diff, log, read};
use crate::workspace::{
    Captured, Differences, Owner, Side, StoredVersion, Version, Versions, VersionsError, is_valid_id,
};
use gix::Repository;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Versions in git repositories, one per workspace, below a directory. One process at a time.
pub struct GitVersions {
    pub(super) root: PathBuf,
    pub(super) recent: Recent,
    /// Whoever holds the inner lock is the only one at that workspace's repository.
    slots: Mutex<HashMap<String, Arc<Mutex<Slot>>>>,
    /// Whether repositories that an earlier process did not come to the end of are gone.
    is_swept: Mutex<bool>,
    temporary: Option<Temporary>,
}

/// A workspace's turn at its repository.
#[derive(Debug, Default)]
struct Slot {
    /// Whether what an earlier process left behind is gone.
    is_clean: bool,
}

impl GitVersions {
    /// Versions below `root`, which is created when something is first kept.
    pub fn new(root: PathBuf) -> Self {
        let (recent, slots, is_swept) = (Recent::default(), Mutex::default(), Mutex::default());
        Self { root, recent, slots, is_swept, temporary: None }
    }

    /// Versions that are gone with this value, for a daemon that keeps nothing.
    ///
    /// # Errors
    /// When there is no place for temporary files.
    pub fn temporary() -> io::Result<Self> {
        let temporary = Temporary::make(&std::env::temp_dir())?;
        let root = temporary.dir.path().to_owned();
        Ok(Self { temporary: Some(temporary), ..Self::new(root) })
    }

    /// Runs `work` alone with the repository that is there for the owner's id.
    fn with<T>(
        &self,
        owner: &Owner,
        work: impl FnOnce(Option<Opened>) -> Result<T, VersionsError>,
    ) -> Result<T, VersionsError> {
        if !is_valid_id(&owner.id) {
            return work(None); // it would be the name of no directory of ours
        }
        self.sweep()?;
        let slot = lock(&self.slots).entry(owner.id.clone()).or_default().clone();
        let result = {
            let mut slot = lock(&slot);
            if !slot.is_clean {
                repository::clean(&self.root, &owner.id)?;
                slot.is_clean = true;
            }
            repository::open(&self.root, &owner.id).and_then(work)
        };
        // An id that nothing is kept for is not remembered: anybody may ask for any.
        let mut slots = lock(&self.slots);
        if Arc::strong_count(&slot) == 2 && !repository::path(&self.root, &owner.id).exists() {
            slots.remove(&owner.id);
        }
        result
    }

    /// Removes what a killed process left beside the repositories, before this one makes any.
    fn sweep(&self) -> Result<(), VersionsError> {
        let mut is_swept = lock(&self.is_swept);
        if !*is_swept {
            repository::sweep(&self.root)?;
            *is_swept = true;
        }
        Ok(())
    }

    /// The repository of the owner; none when the owner has kept nothing yet. Readers need no turn: objects never change,
    /// and branches change in one step.
    fn own(&self, owner: &Owner) -> Result<Option<Repository>, VersionsError> {
        self.with(owner, |there| Ok(there.filter(|opened| is_of(opened, owner)).map(|opened| opened.repository)))
    }
}

impl Versions for GitVersions {
    fn commit(
        &self,
        owner: &Owner,
        branch: &str,
        message: &str,
        capture: &dyn Fn() -> Captured,
    ) -> Result<String, VersionsError> {
        commit::check(branch, message)?;
        if !is_valid_id(&owner.id) {
            return Err(VersionsError::Unusable { id: owner.id.clone(), reason: "it is no workspace's id".to_owned() });
        }
        self.with(owner, |there| {
            let own = match there {
                Some(earlier) if !is_of(&earlier, owner) => {
                    self.recent.forget(&owner.id);
                    repository::retire(&self.root, &owner.id, earlier.created_ms)?;
                    None
                }
                other => other,
            };
            let own = match own {
                Some(own) => own,
                None => repository::create(&self.root, &owner.id, owner.created_ms.unwrap_or_default())?,
            };
            commit::run(&own.repository, &self.recent, owner, branch, message, self.temporary.is_none(), capture)
        })
    }

    fn log(&self, owner: &Owner, branch: &str, limit: usize) -> Result<Vec<Version>, VersionsError> {
        match self.own(owner)? {
            Some(repository) => log::run(&repository, branch, limit),
            None => Ok(Vec::new()),
        }
    }

    fn branch(&self, owner: &Owner, name: &str, from: &str) -> Result<String, VersionsError> {
        self.with(owner, |there| {
            let own = there.filter(|opened| is_of(opened, owner));
            branch::run(own.map(|opened| opened.repository).as_ref(), name, from)
        })
    }

    fn diff(&self, owner: &Owner, older: &Side, newer: &Side) -> Result<Differences, VersionsError> {
        diff::run(self.own(owner)?.as_ref(), &self.recent, owner, older, newer)
    }

    fn read(&self, owner: &Owner, reference: &str) -> Result<StoredVersion, VersionsError> {
        let repository = self.own(owner)?.ok_or_else(|| read::not_found(reference))?;
        read::run(&repository, &self.recent, owner, reference)
    }

    fn forget(&self, id: &str) {
        self.recent.forget(id);
    }
}

fn is_of(opened: &Opened, owner: &Owner) -> bool {
    owner.created_ms.is_none_or(|created_ms| created_ms == opened.created_ms)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
