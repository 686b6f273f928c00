//! What is at a path: a file by its key, or a directory by what is below it.

use super::index::Known;
use super::storage::{Storage, directory_key, is_missing, key};
use crate::workspace::mount::{Kind, Metadata, errno, parent};
use std::io::{self, ErrorKind};

impl Storage {
    /// What is at `path`, as known or as the storage says.
    pub(super) async fn look(&self, path: &str) -> io::Result<Known> {
        if path.is_empty() {
            return Ok(Known::directory());
        }
        match self.index.node(path) {
            Some(known) => Ok(known),
            None => self.look_afresh(path).await,
        }
    }

    /// What the storage says is at `path`.
    pub(super) async fn look_afresh(&self, path: &str) -> io::Result<Known> {
        if path.is_empty() {
            return Ok(Known::directory());
        }
        let asked = self.index.ask();
        let known = match self.operator.stat(&key(path)?).await {
            Ok(metadata) => described(&metadata),
            Err(error) if is_missing(&error) && self.empty_dirs.contains(path) => Known::directory(),
            Err(error) if is_missing(&error) && self.is_directory(path).await? => Known::directory(),
            Err(error) => return Err(self.failed(error)),
        };
        self.index.put_node(asked, path, known.clone());
        Ok(known)
    }

    /// Whether a directory is there, by itself or because something is below it.
    pub(super) async fn is_directory(&self, path: &str) -> io::Result<bool> {
        match self.operator.stat(&directory_key(path)?).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// [`Storage::look`], with nothing being no error.
    pub(super) async fn find(&self, path: &str) -> io::Result<Option<Known>> {
        match self.look_afresh(path).await {
            Ok(known) => Ok(Some(known)),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.is_about_bucket(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn is_about_bucket(&self, error: &io::Error) -> bool {
        error.to_string() != errno(ErrorKind::NotFound).to_string()
    }

    /// Refuses a new `path` whose parent is missing or no directory.
    pub(super) async fn check_parent(&self, path: &str) -> io::Result<()> {
        let mut at = parent(path);
        let mut missing = false;
        loop {
            match self.look(at).await {
                Ok(known) if !known.is_dir() => return Err(errno(ErrorKind::NotADirectory)),
                Ok(_) if missing => return Err(errno(ErrorKind::NotFound)),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound && !self.is_about_bucket(&error) => missing = true,
                Err(error) => return Err(error),
            }
            at = parent(at);
        }
    }
}

/// What the storage says, as `stat` shows it.
pub(super) fn described(metadata: &opendal::Metadata) -> Known {
    if metadata.is_dir() {
        return Known::directory();
    }
    let modified_ms = metadata.last_modified().map_or(0, |time| time.into_inner().as_millisecond());
    let metadata_shown = Metadata { kind: Kind::File, size: metadata.content_length(), mode: 0o644, modified_ms };
    Known { metadata: metadata_shown, etag: metadata.etag().map(|etag| etag.trim_matches('"').to_owned()) }
}
