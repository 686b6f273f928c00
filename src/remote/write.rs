//! Writing: acknowledged when the storage has it.

use super::storage::{PART, PARTS_AT_ONCE, Storage, key};
use crate::workspace::mount::{errno, parent};
use bytes::Bytes;
use opendal::options::WriteOptions;
use std::io::{self, ErrorKind};

impl Storage {
    /// Creates a file or replaces its content.
    pub(super) async fn write(&self, path: &str, content: Bytes) -> io::Result<()> {
        self.fits(content.len() as u64)?;
        self.check_file(path).await?;
        self.put(path, content, WriteOptions::default()).await.map_err(|error| self.failed(error))
    }

    /// Refuses what cannot become a file: a directory, or a path without a parent.
    pub(super) async fn check_file(&self, path: &str) -> io::Result<()> {
        key(path)?;
        match self.look(path).await {
            Ok(known) if known.is_dir() => Err(errno(ErrorKind::IsADirectory)),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => self.check_parent(path).await,
            Err(error) => Err(error),
        }
    }

    /// Uploads, in parts when it is large, and remembers the content under the mark that the storage gave it. After an
    /// error the storage has the old content, or with a broken connection perhaps the new one.
    pub(super) async fn put(&self, path: &str, content: Bytes, options: WriteOptions) -> opendal::Result<()> {
        let key = format!("/{path}");
        let is_large = content.len() > PART && self.operator.info().capability().write_can_multi;
        let put = if is_large {
            self.put_parts(&key, content.clone(), options).await
        } else {
            self.operator.write_options(&key, content.clone(), options).await
        };
        self.changed(path);
        if let Some(etag) = put?.etag() {
            self.cache.files.put(&self.cache.prefix, path, etag.trim_matches('"'), content);
        }
        Ok(())
    }

    async fn put_parts(&self, key: &str, content: Bytes, options: WriteOptions) -> opendal::Result<opendal::Metadata> {
        let options = WriteOptions { chunk: Some(PART), concurrent: PARTS_AT_ONCE, ..options };
        let mut writer = self.operator.writer_options(key, options).await?;
        let put = async {
            writer.write(content).await?;
            writer.close().await
        };
        let put = put.await;
        if put.is_err() {
            // Parts of an upload that is never finished are kept and paid for.
            if let Err(error) = writer.abort().await {
                tracing::debug!(storage = self.place.name, %error, "an unfinished upload was not taken back");
            }
        }
        put
    }

    /// Creates one directory.
    pub(super) async fn make_dir(&self, path: &str) -> io::Result<()> {
        if path.is_empty() || self.find(path).await?.is_some() {
            return Err(errno(ErrorKind::AlreadyExists));
        }
        self.check_parent(path).await?;
        self.mark_dir(path).await
    }

    /// After something in it went away: a directory that was there only because of that stays.
    pub(super) async fn keep_parent(&self, path: &str) {
        let dir = parent(path);
        if dir.is_empty() || !self.has_markers() {
            return;
        }
        let kept = match self.is_directory(dir).await {
            Ok(true) => Ok(()),
            Ok(false) => self.mark_dir(dir).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::debug!(storage = self.place.name, %error, "an emptied directory was not kept");
        }
    }
}
