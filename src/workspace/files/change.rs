//! Calls that change files, directories and links.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::space::{Last, Space};
use crate::workspace::Error;
use crate::workspace::mount::{Kind, View};
use bytes::Bytes;
use std::io;

impl Files {
    /// Creates a file or replaces its content.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn write(&self, path: String, content: Bytes) -> Result<(), Error> {
        self.at(path, Last::Follow, move |view, at| view.write(at, content)).await
    }

    /// Adds to a file's end; creates it when it is missing.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn append(&self, path: String, content: Bytes) -> Result<(), Error> {
        self.at(path, Last::Follow, move |view, at| view.append(at, &content)).await
    }

    /// Replaces bytes of a file that is there, from `offset` on. A gap behind its end is filled with zeroes.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn write_at(&self, path: String, offset: u64, content: Bytes) -> Result<(), Error> {
        self.change(move |space| {
            let at = space.resolve(&path, Last::Follow)?;
            if !content.is_empty() {
                fits(space, &path, offset.saturating_add(content.len() as u64))?;
            }
            let _alone = space.edit();
            space.view.write_at(&at, offset, &content).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    /// Cuts a file to `length` bytes, or extends it with zeroes.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn truncate(&self, path: String, length: u64) -> Result<(), Error> {
        self.change(move |space| {
            let at = space.resolve(&path, Last::Follow)?;
            fits(space, &path, length)?;
            let _alone = space.edit();
            space.view.set_len(&at, length).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    /// Creates an empty file.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EEXIST`] when something is there.
    pub async fn create(&self, path: String) -> Result<(), Error> {
        self.change(move |space| {
            let at = space.resolve(&path, Last::Keep)?;
            let _alone = space.edit();
            if space.view.stat(&at).is_ok() {
                return Err(FileError::new(Errno::EEXIST, &path));
            }
            space.view.write(&at, Bytes::new()).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    /// Creates one directory.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn make_dir(&self, path: String) -> Result<(), Error> {
        self.at(without_slashes(path), Last::Keep, View::make_dir).await
    }

    /// Takes away an empty directory.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::ENOTDIR`] for anything else.
    pub async fn remove_dir(&self, path: String) -> Result<(), Error> {
        let path = without_slashes(path);
        self.remove(path, |kind| if kind == Kind::Directory { None } else { Some(Errno::ENOTDIR) }).await
    }

    /// Takes away a file or a link.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EISDIR`] for a directory.
    pub async fn unlink(&self, path: String) -> Result<(), Error> {
        self.remove(path, |kind| if kind == Kind::Directory { Some(Errno::EISDIR) } else { None }).await
    }

    /// Moves within one mount. Replaces a file, or an empty directory by a directory.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EXDEV`] from one mount to another.
    pub async fn rename(&self, from: String, to: String) -> Result<(), Error> {
        self.change(move |space| {
            let old = space.resolve(&without_slashes(from.clone()), Last::Keep)?;
            let new = space.resolve(&without_slashes(to.clone()), Last::Keep)?;
            let said = |error: io::Error, path: &str| FileError::of(&error, path);
            let source = space.view.reach(&old, true).map_err(|error| said(error, &from))?;
            if source != space.view.reach(&new, true).map_err(|error| said(error, &to))? {
                return Err(FileError::new(Errno::EXDEV, &to));
            }
            space.view.rename(&old, &new).map_err(|error| said(error, &from))
        })
        .await
    }

    /// Creates a link at `path` with the text `target`.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EACCES`] in a host directory for a target outside of it.
    pub async fn symlink(&self, path: String, target: String) -> Result<(), Error> {
        let wrong = match target.len() {
            0 => Some(Errno::ENOENT),
            longer if longer > crate::workspace::mount::MAX_PATH => Some(Errno::ENAMETOOLONG),
            _ => target.contains('\0').then_some(Errno::EINVAL),
        };
        if let Some(errno) = wrong {
            return Err(FileError::new(errno, &target).into());
        }
        self.change(move |space| {
            let at = space.resolve(&path, Last::Keep)?;
            if space.view.stat(&at).is_ok() {
                return Err(FileError::new(Errno::EEXIST, &path));
            }
            space.view.symlink(&target, &at).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    async fn at(
        &self,
        path: String,
        last: Last,
        call: impl FnOnce(&View, &str) -> io::Result<()> + Send + 'static,
    ) -> Result<(), Error> {
        self.change(move |space| {
            let at = space.resolve(&path, last)?;
            call(&space.view, &at).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    async fn remove(&self, path: String, refuses: fn(Kind) -> Option<Errno>) -> Result<(), Error> {
        self.change(move |space| {
            let (at, there) = space.stat(&path, Last::Keep)?;
            if let Some(errno) = refuses(there.kind) {
                return Err(FileError::new(errno, &path));
            }
            space.view.remove(&at, false).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }
}

fn fits(space: &Space, path: &str, size: u64) -> Result<(), FileError> {
    if size > space.max_file { Err(FileError::new(Errno::EFBIG, path)) } else { Ok(()) }
}

/// For calls on a directory, whose name may end in slashes, and which take a link as a link.
pub(super) fn without_slashes(path: String) -> String {
    let kept = path.trim_end_matches('/').len();
    if kept == 0 { path } else { path[..kept].to_owned() }
}
