//! Taking away.

use super::storage::{Storage, directory_key, key};
use crate::workspace::mount::errno;
use opendal::options::DeleteOptions;
use std::io::{self, ErrorKind};

impl Storage {
    /// Takes away a file or an empty directory.
    pub(super) async fn remove(&self, path: &str) -> io::Result<()> {
        let is_dir = self.look_afresh(path).await?.is_dir();
        if is_dir && !self.list_afresh(path).await?.is_empty() {
            return Err(errno(ErrorKind::DirectoryNotEmpty));
        }
        let at = if is_dir { directory_key(path)? } else { key(path)? };
        let deleted = self.operator.delete(&at).await;
        self.changed(path);
        deleted.map_err(|error| self.failed(error))?;
        self.empty_dirs.forget(path);
        self.keep_parent(path).await;
        Ok(())
    }

    /// Takes away whatever is at `path` with everything below it.
    pub(super) async fn remove_all(&self, path: &str) -> io::Result<()> {
        let is_dir = self.look_afresh(path).await?.is_dir();
        let at = if is_dir { directory_key(path)? } else { key(path)? };
        self.delete_all(path, &at, is_dir).await?;
        self.keep_parent(path).await;
        Ok(())
    }

    /// Deletes a key, or everything below one.
    pub(super) async fn delete_all(&self, path: &str, key: &str, recursive: bool) -> io::Result<()> {
        let deleted = self.operator.delete_options(key, DeleteOptions { recursive, ..DeleteOptions::default() }).await;
        self.forget(path);
        self.changed(path);
        deleted.map_err(|error| self.failed(error))?;
        self.empty_dirs.forget(path);
        Ok(())
    }
}
