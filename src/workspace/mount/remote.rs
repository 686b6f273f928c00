//! The port through which remote storage is mounted. Declared here by its user; `crate::remote` is the adapter.

use super::{FileCache, Filesystem};
use crate::workspace::config::RemoteBackend;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// Opens remote storage.
pub trait RemoteMounts: Send + Sync + Debug {
    /// The storage as a filesystem. Does not reach for it yet: a storage that does not answer shows in each use.
    ///
    /// # Errors
    /// When the backend's settings cannot work, or this build does not speak its protocol.
    fn open(&self, backend: &RemoteBackend, cache: MountCache) -> io::Result<Arc<dyn Filesystem>>;
}

/// What a remote mount may keep and hold.
#[derive(Debug, Clone)]
pub struct MountCache {
    /// The mount's prefix, by which it names its files in the cache.
    pub prefix: Arc<str>,
    /// The files that the workspace has cached.
    pub files: Arc<FileCache>,
    /// The largest file, in bytes.
    pub max_file_bytes: u64,
}
