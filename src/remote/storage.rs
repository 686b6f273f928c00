//! One mounted storage, as the verbs beside this file use it.

use super::empty_dirs::EmptyDirs;
use super::error::Place;
use super::index::Index;
use crate::workspace::mount::{MountCache, errno};
use crate::workspace::{Protocol, RemoteBackend};
use opendal::{ErrorKind, Operator};
use std::io;

/// Contents over this are moved in parts of this size.
pub(super) const PART: usize = 8 << 20;
/// Parts that are moved at a time.
pub(super) const PARTS_AT_ONCE: usize = 4;

/// A storage and what is known of it. Paths are those of a filesystem: relative, without slashes at the ends.
#[derive(Debug)]
pub(super) struct Storage {
    pub(super) operator: Operator,
    pub(super) place: Place,
    pub(super) cache: MountCache,
    pub(super) index: Index,
    pub(super) empty_dirs: EmptyDirs,
    has_markers: bool,
}

impl Storage {
    pub(super) fn new(operator: Operator, backend: &RemoteBackend, cache: MountCache) -> Self {
        let name = format!("{} at {}", backend.name(), backend.endpoint().unwrap_or_default());
        let bucket = backend.text("bucket").or_else(|| backend.text("container")).unwrap_or_default().to_owned();
        let secrets =
            ["aws_access_key_id", "aws_profile", "credential", "account_key", "sas_token", "password", "token"];
        let is_anonymous = secrets.iter().all(|name| backend.text(name).is_none());
        let (place, index) = (Place { name, bucket, is_anonymous }, Index::new(backend.freshness));
        let has_markers = backend.protocol() != Protocol::Webdav;
        Self { operator, place, cache, index, empty_dirs: EmptyDirs::default(), has_markers }
    }

    /// The error of one call.
    pub(super) fn failed(&self, error: opendal::Error) -> io::Error {
        self.place.error(&error)
    }

    /// Whether directories exist by the keys below them, and empty ones by a key that ends in a slash.
    pub(super) fn has_markers(&self) -> bool {
        self.has_markers
    }

    pub(super) fn fits(&self, size: u64) -> io::Result<()> {
        if size > self.cache.max_file_bytes { Err(errno(io::ErrorKind::FileTooLarge)) } else { Ok(()) }
    }

    /// What was known of `path` and is cached of it is no longer so.
    pub(super) fn changed(&self, path: &str) {
        self.index.changed(path);
        self.cache.files.forget(&self.cache.prefix, path, false);
    }

    /// The same of everything below `path` too. Gives how many files and how many entries of the index were forgotten.
    pub(super) fn forget(&self, path: &str) -> (u64, u64) {
        let entries = self.index.forget(path);
        (self.cache.files.forget(&self.cache.prefix, path, true), entries)
    }
}

/// A path as the storage's key. The library would cut blanks off its end and mean another file.
pub(super) fn key(path: &str) -> io::Result<String> {
    if path.ends_with(char::is_whitespace) {
        let text = "a remote mount cannot hold a name that ends in a blank";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    // The slash keeps blanks at the beginning; the library takes it away.
    Ok(format!("/{path}"))
}

/// A directory as the storage's key; the root's is `/`.
pub(super) fn directory_key(path: &str) -> io::Result<String> {
    Ok(if path.is_empty() { "/".to_owned() } else { format!("{}/", key(path)?) })
}

/// Whether nothing is at the key.
pub(super) fn is_missing(error: &opendal::Error) -> bool {
    error.kind() == ErrorKind::NotFound
}
