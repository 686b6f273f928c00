//! Makes a workspace what it was in a version, in place.
//!
//! Each `ram` mount changes in one step, and the store has the new state before the caller hears of it; when the store
//! fails everything in memory is put back. A disk mount is changed file by file, so one that fails half way is right
//! again after the next try.

use super::config::{Backend, Mode};
use super::mount::make_equal;
use super::session::Session;
use super::versions::StoredVersion;
use super::workspace::Inner;
use super::{Error, Nesting, Node, NodeKind, Sizes, Tree, Workspace};
use crate::base::unix_ms;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

impl Workspace {
    /// Makes the files of `ram` and writable `disk` mounts those of the version, and the default session's directory and
    /// variables. Sessions of the version that are not there any more come back; others stay as they are, and so do the
    /// mounts themselves. A script that runs meanwhile goes on; what it does to its session is forgotten.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was deleted; [`Error::TooLarge`]; [`Error::Conflict`] naming a path of a
    /// disk mount that cannot be changed;
    /// [`Error::Store`].
    pub async fn restore(&self, version: StoredVersion) -> Result<(), Error> {
        let inner = self.inner().clone();
        // Held to the end: no script's changes get to the store between two mounts, and no other version either.
        let mut persisted = inner.persisted.lock().await;
        if persisted.closed {
            return Err(Error::NotFound { id: inner.id.clone() });
        }
        let trees = inner.restored_trees(&version)?;
        inner.restore_disks(&version).await?;
        let before: Vec<_> =
            trees.into_iter().filter_map(|(prefix, tree)| Some((prefix.clone(), inner.swap(&prefix, tree)?))).collect();
        let (sessions, changed) = inner.restore_sessions(version);
        let dirty = persisted.dirty.clone();
        persisted.dirty.extend(changed);
        let kept = inner.flush(&mut persisted).await;
        if kept.is_err() {
            for (prefix, tree) in before {
                inner.swap(&prefix, tree);
            }
            inner.set_sessions(sessions);
            persisted.dirty = dirty;
        }
        kept
    }
}

impl Inner {
    /// Where all mounts are.
    pub fn nesting(&self) -> Nesting {
        Nesting::new(self.shells.table.mounts().iter().map(|mount| mount.prefix.clone()))
    }

    /// What the `ram` mounts are to be.
    fn restored_trees(&self, version: &StoredVersion) -> Result<BTreeMap<String, Tree>, Error> {
        let nesting = self.nesting();
        let mut live = self.trees();
        let mut restored = BTreeMap::new();
        for (prefix, stored) in &version.mounts {
            if let Some(tree) = live.remove(prefix) {
                let covered = nesting.over(prefix);
                restored.insert(
                    prefix.clone(),
                    become_like(&tree, &stored.tree, |path, is_dir| covered.hides(path, is_dir)),
                );
            }
        }
        let Sizes { max_bytes, max_file_bytes, .. } = self.shells.limits;
        let total: u64 = restored.values().chain(live.values()).map(Tree::total_bytes).sum();
        if total > max_bytes {
            return Err(Error::TooLarge { what: "a workspace", limit: max_bytes });
        }
        let largest = restored.values().flat_map(|tree| tree.walk("")).map(|(_, node)| node.len()).max();
        if largest > Some(max_file_bytes) {
            return Err(Error::TooLarge { what: "a file", limit: max_file_bytes });
        }
        Ok(restored)
    }

    /// Makes the disk mounts equal to the version; those that nobody in here may write stay as they are.
    async fn restore_disks(&self, version: &StoredVersion) -> Result<(), Error> {
        let nesting = self.nesting();
        for mount in &self.config.mounts {
            let is_disk = matches!(mount.backend, Backend::Disk { .. }) && mount.mode >= Mode::Write;
            let stored = version.mounts.get(&mount.prefix).filter(|_| is_disk);
            let (Some(stored), Some(filesystem)) = (stored, self.filesystem(&mount.prefix)) else { continue };
            let (tree, covered) = (stored.tree.clone(), nesting.over(&mount.prefix));
            let done = tokio::task::spawn_blocking(move || make_equal(&*filesystem, &tree, &covered));
            match done.await {
                Ok(Ok(())) => {}
                Ok(Err((path, error))) => return Err(failed(format!("{}{path}", mount.prefix), error)),
                Err(panic) => return Err(failed(mount.prefix.clone(), io::Error::other(panic))),
            }
        }
        Ok(())
    }

    /// Puts the version's sessions in place; returns what was there before, and whose state is new.
    fn restore_sessions(&self, version: StoredVersion) -> (Vec<Arc<Session>>, Vec<String>) {
        let before = self.session_list();
        let (mut after, mut changed) = (before.clone(), Vec::new());
        for (position, record) in version.sessions.into_iter().enumerate() {
            let there = after.iter_mut().enumerate().find(|(_, session)| session.id == record.id);
            match there {
                // A session of its own, so that a script that runs in the old one cannot write its end over this.
                Some((0, default)) if position == 0 => {
                    changed.push(record.id.clone());
                    let super::Narrowing { allowed_mounts, mount_modes } = default.narrowing.clone();
                    *default = Session::from_record(super::SessionRecord { allowed_mounts, mount_modes, ..record });
                }
                Some(_) => {}
                None => {
                    changed.push(record.id.clone());
                    after.push(Session::from_record(record));
                }
            }
        }
        self.set_sessions(after);
        (before, changed)
    }
}

/// What a disk mount said. Its words name no path of the host.
fn failed(path: String, source: io::Error) -> Error {
    use io::ErrorKind::{Other, QuotaExceeded, StorageFull};
    match source.kind() {
        StorageFull | QuotaExceeded | Other => Error::Io { what: format!("restore {path}"), source },
        _ => Error::Conflict { reason: format!("cannot restore {path}: {source}") },
    }
}

/// `live`, made to hold what `stored` does. A node that is the same in both keeps its time; one that differs was changed
/// now, so that tools which compare times see it. What is hidden stays.
fn become_like(live: &Tree, stored: &Tree, hides: impl Fn(&str, bool) -> bool) -> Tree {
    let mut tree = live.clone();
    for (path, node) in live.walk("") {
        if stored.get(path).is_none() && !hides(path, node.is_dir()) {
            tree.remove(path);
        }
    }
    let now = unix_ms();
    for (path, node) in stored.walk("").filter(|(path, node)| !hides(path, node.is_dir())) {
        if !live.get(path).is_some_and(|old| old.kind == node.kind && old.mode == node.mode) {
            tree.insert(path, Node { modified_ms: now, ..node.clone() });
        }
    }
    // What is hidden still needs its directories.
    let orphans: Vec<_> = live.walk("").filter(|(path, node)| node.is_dir() && tree.get(path).is_none()).collect();
    for (path, node) in orphans {
        if tree.walk(path).next().is_some() {
            tree.insert(path, Node { kind: NodeKind::Directory, ..node.clone() });
        }
    }
    tree
}
