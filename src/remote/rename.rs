//! Renaming, which most storage cannot do: copies in the storage, then deletes. Not atomic: whoever looks meanwhile sees
//! both, and an error halfway leaves the old ones whole.

use super::storage::{Storage, directory_key, key};
use crate::workspace::mount::{errno, is_below};
use opendal::options::ListOptions;
use std::io::{self, ErrorKind};
use tokio::task::{JoinError, JoinSet};

/// Files that are copied at a time.
const FILES_AT_ONCE: usize = 8;

impl Storage {
    /// Moves a file or a directory. Replaces a file, or an empty directory by a directory.
    pub(super) async fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        key(to)?;
        if from.is_empty() || to.is_empty() || is_below(to, from) {
            return Err(errno(ErrorKind::InvalidInput));
        }
        let is_dir = self.look_afresh(from).await?.is_dir();
        if from == to {
            return Ok(());
        }
        let target = self.find(to).await?;
        match &target {
            Some(there) if there.is_dir() && !is_dir => return Err(errno(ErrorKind::IsADirectory)),
            Some(there) if !there.is_dir() && is_dir => return Err(errno(ErrorKind::NotADirectory)),
            Some(_) if is_dir && !self.list_afresh(to).await?.is_empty() => {
                return Err(errno(ErrorKind::DirectoryNotEmpty));
            }
            Some(_) => {}
            None => self.check_parent(to).await?,
        }
        if is_dir { self.move_dir(from, to, target.is_none()).await } else { self.move_file(from, to).await }?;
        self.keep_parent(from).await;
        Ok(())
    }

    async fn move_file(&self, from: &str, to: &str) -> io::Result<()> {
        let copied = self.copy(&key(from)?, &key(to)?).await;
        self.changed(to);
        copied?;
        self.delete_all(from, &key(from)?, false).await
    }

    async fn move_dir(&self, from: &str, to: &str, is_new: bool) -> io::Result<()> {
        let copied = self.copy_dir(from, to).await;
        self.forget(to);
        self.changed(to);
        if let Err(error) = copied {
            if is_new {
                // Best effort: the copy's own error is the one that matters.
                let _ = self.delete_all(to, &directory_key(to)?, true).await;
            }
            return Err(error);
        }
        self.empty_dirs.rename(from, to);
        self.delete_all(from, &directory_key(from)?, true).await
    }

    async fn copy_dir(&self, from: &str, to: &str) -> io::Result<()> {
        let (old, new) = (directory_key(from)?, directory_key(to)?);
        let options = ListOptions { recursive: true, ..ListOptions::default() };
        let entries = self.operator.list_options(&old, options).await.map_err(|error| self.failed(error))?;
        self.mark_dir(to).await?;
        let inner = |key: &str| key.trim_start_matches('/').strip_prefix(&old[1..]).map(str::to_owned);
        let (dirs, files): (Vec<_>, Vec<_>) = entries
            .iter()
            .filter_map(|entry| inner(entry.path()))
            .filter(|name| !name.is_empty())
            .partition(|name| name.ends_with('/'));
        for name in dirs {
            self.mark_dir(&format!("{to}/{}", name.trim_end_matches('/'))).await?;
        }
        // Dropping the set at the first error stops the others.
        let mut copies = JoinSet::new();
        for name in files {
            if copies.len() == FILES_AT_ONCE {
                self.copied(copies.join_next().await)?;
            }
            let (operator, from, to) = (self.operator.clone(), format!("{old}{name}"), format!("{new}{name}"));
            copies.spawn(async move { operator.copy(&from, &to).await.map(drop) });
        }
        while let Some(copied) = copies.join_next().await {
            self.copied(Some(copied))?;
        }
        Ok(())
    }

    fn copied(&self, copied: Option<Result<opendal::Result<()>, JoinError>>) -> io::Result<()> {
        match copied {
            Some(Ok(Err(error))) => Err(self.failed(error)),
            Some(Err(stopped)) => Err(io::Error::other(stopped)),
            Some(Ok(Ok(()))) | None => Ok(()),
        }
    }

    async fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        self.operator.copy(from, to).await.map(drop).map_err(|error| self.failed(error))
    }
}
