//! Stands where a kept workspace's host directory was: the workspace still loads, and the mount says what is wrong.

use super::filesystem::{Entry, Filesystem, Kind, Metadata};
use bytes::Bytes;
use std::io;

/// A mount that answers everything below its root with one error.
pub struct UnavailableFilesystem {
    reason: String,
}

impl UnavailableFilesystem {
    /// A mount that cannot be used because of `reason`.
    pub fn new(reason: String) -> Self {
        Self { reason }
    }

    fn refuse<T>(&self) -> io::Result<T> {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, self.reason.clone()))
    }
}

impl Filesystem for UnavailableFilesystem {
    fn stat(&self, path: &str) -> io::Result<Metadata> {
        if path.is_empty() {
            return Ok(Metadata { kind: Kind::Directory, size: 0, mode: 0, modified_ms: 0 });
        }
        self.refuse()
    }

    fn read(&self, _: &str) -> io::Result<Bytes> {
        self.refuse()
    }

    fn write(&self, _: &str, _: Bytes) -> io::Result<()> {
        self.refuse()
    }

    fn append(&self, _: &str, _: &[u8]) -> io::Result<()> {
        self.refuse()
    }

    fn list(&self, _: &str) -> io::Result<Vec<Entry>> {
        self.refuse()
    }

    fn make_dir(&self, _: &str) -> io::Result<()> {
        self.refuse()
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        self.refuse()
    }

    fn remove_all(&self, _: &str) -> io::Result<()> {
        self.refuse()
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        self.refuse()
    }

    fn symlink(&self, _: &str, _: &str) -> io::Result<()> {
        self.refuse()
    }

    fn read_link(&self, _: &str) -> io::Result<String> {
        self.refuse()
    }

    fn set_mode(&self, _: &str, _: u32) -> io::Result<()> {
        self.refuse()
    }

    fn set_modified(&self, _: &str, _: i64) -> io::Result<()> {
        self.refuse()
    }
}
