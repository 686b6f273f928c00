//! A storage as a mounted filesystem.
//!
//! Modes, times and links are not kept there. Setting a mode or a time is taken and has no effect, so that `cp -p`,
//! `touch` and `tar x` work; a link is refused.

use super::bridge::Bridge;
use super::storage::Storage;
use crate::workspace::mount::{Entry, Filesystem, Metadata, Refreshed, errno};
use bytes::Bytes;
use std::io::{self, ErrorKind};
use std::sync::Arc;

/// A remote mount. Its methods block on the network.
pub(super) struct RemoteFilesystem {
    storage: Arc<Storage>,
    bridge: Arc<Bridge>,
}

impl RemoteFilesystem {
    pub(super) fn new(storage: Storage, bridge: Arc<Bridge>) -> Self {
        Self { storage: Arc::new(storage), bridge }
    }

    fn wait<T, F>(&self, work: impl FnOnce(Arc<Storage>) -> F) -> io::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = io::Result<T>> + Send + 'static,
    {
        self.bridge.wait(work(self.storage.clone()))
    }
}

impl Filesystem for RemoteFilesystem {
    fn stat(&self, path: &str) -> io::Result<Metadata> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| Ok(storage.look(&path).await?.metadata))
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.read(&path).await)
    }

    fn write(&self, path: &str, content: Bytes) -> io::Result<()> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.write(&path, content).await)
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let (path, content) = (path.to_owned(), content.to_vec());
        self.wait(async move |storage: Arc<Storage>| storage.append(&path, &content).await)
    }

    fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.list(&path).await)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.make_dir(&path).await)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.remove(&path).await)
    }

    fn remove_all(&self, path: &str) -> io::Result<()> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.remove_all(&path).await)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.wait(async move |storage: Arc<Storage>| storage.rename(&from, &to).await)
    }

    fn symlink(&self, _: &str, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::Unsupported))
    }

    fn read_link(&self, path: &str) -> io::Result<String> {
        self.stat(path)?;
        Err(errno(ErrorKind::InvalidInput))
    }

    fn set_mode(&self, _: &str, _: u32) -> io::Result<()> {
        Ok(())
    }

    fn set_modified(&self, _: &str, _: i64) -> io::Result<()> {
        Ok(())
    }

    fn read_at(&self, path: &str, offset: u64, size: u64) -> io::Result<Bytes> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.read_at(&path, offset, size).await)
    }

    fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        let (path, content) = (path.to_owned(), content.to_vec());
        self.wait(async move |storage: Arc<Storage>| storage.write_at(&path, offset, &content).await)
    }

    fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        let path = path.to_owned();
        self.wait(async move |storage: Arc<Storage>| storage.set_len(&path, size).await)
    }

    fn refresh(&self, path: &str) -> Refreshed {
        let (file_entries, index_entries) = self.storage.forget(path);
        Refreshed { file_entries, index_entries }
    }
}
