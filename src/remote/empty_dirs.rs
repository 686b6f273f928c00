//! Empty directories on storage that cannot hold them.
//!
//! A key that ends in a slash is how S3 holds an empty directory. Some servers that only look like S3 make a file of such
//! a key. There an empty directory lives in memory, for as long as its workspace is open.

use super::storage::Storage;
use super::storage::{directory_key, key};
use crate::workspace::mount::{is_below, parent};
use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The directories of one storage that are only known here.
#[derive(Debug, Default)]
pub(super) struct EmptyDirs {
    /// The storage has turned out to be such a one.
    are_needed: AtomicBool,
    paths: Mutex<BTreeSet<String>>,
}

impl EmptyDirs {
    pub(super) fn contains(&self, path: &str) -> bool {
        self.are_needed.load(Ordering::Relaxed) && self.paths().contains(path)
    }

    /// Names of the ones in `dir`.
    pub(super) fn names_in(&self, dir: &str) -> Vec<String> {
        let below = |path: &&String| !path.is_empty() && parent(path) == dir;
        self.paths().iter().filter(below).filter_map(|path| path.rsplit('/').next()).map(str::to_owned).collect()
    }

    pub(super) fn forget(&self, path: &str) {
        self.paths().retain(|at| at != path && !is_below(at, path));
    }

    /// The ones below `from` are below `to` now.
    pub(super) fn rename(&self, from: &str, to: &str) {
        let mut paths = self.paths();
        let moved: Vec<_> = paths.iter().filter(|at| *at == from || is_below(at, from)).cloned().collect();
        for path in moved {
            paths.remove(&path);
            paths.insert(format!("{to}{}", &path[from.len()..]));
        }
    }

    fn paths(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage {
    /// Makes a directory be there by itself, whether it is there already or not.
    pub(super) async fn mark_dir(&self, path: &str) -> io::Result<()> {
        let marked = self.try_mark_dir(path).await;
        self.changed(path);
        marked
    }

    async fn try_mark_dir(&self, path: &str) -> io::Result<()> {
        if !self.empty_dirs.are_needed.load(Ordering::Relaxed) {
            self.operator.create_dir(&directory_key(path)?).await.map_err(|error| self.failed(error))?;
            if !self.has_markers() || self.is_directory(path).await? {
                return Ok(());
            }
            // It made an empty file of it.
            let key = key(path)?;
            let made = self.operator.stat(&key).await;
            if made.is_ok_and(|made| made.content_length() == 0) {
                self.operator.delete(&key).await.map_err(|error| self.failed(error))?;
            }
            self.empty_dirs.are_needed.store(true, Ordering::Relaxed);
            tracing::warn!(storage = self.place.name, "cannot hold empty directories; they last as long as the mount");
        }
        self.empty_dirs.paths().insert(path.to_owned());
        Ok(())
    }
}
