//! Reading and writing as agents do it: what they overwrite they must have seen, as it is now.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::seen::{Known, Seen};
use super::space::{Last, Space};
use crate::workspace::Error;
use crate::workspace::mount::Kind;
use crate::workspace::session::Session;
use bytes::Bytes;
use std::sync::{MutexGuard, PoisonError};

/// Why a guarded call changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The session has not read the file in full.
    NotRead,
    /// The file is not what the session has read.
    Changed,
    /// The text is not in the file.
    NotFound,
    /// The text is in the file so many times.
    Ambiguous(usize),
    /// The file is not UTF-8.
    NotText,
}

impl Files {
    /// What `show` makes of a file of at most `most` bytes, where it may take its time. The session has seen the file
    /// then, all of it when the second value of `show` says so.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EFBIG`] for a larger file.
    pub async fn read_seen<T: Send + 'static>(
        &self,
        path: String,
        most: u64,
        show: impl FnOnce(&[u8]) -> (T, bool) + Send + 'static,
    ) -> Result<T, Error> {
        let session = self.session.clone();
        self.look(move |space| {
            let (at, there) = space.stat(&path, Last::Follow)?;
            if there.size > most {
                return Err(FileError::new(Errno::EFBIG, &path));
            }
            let content = space.view.read(&at).map_err(|error| FileError::of(&error, &path))?;
            let (shown, in_full) = show(&content);
            seen(&session).remember(&at, &content, in_full);
            Ok(shown)
        })
        .await
    }

    /// Creates a file, with the directories that are missing on its way, or replaces one that the session has read in
    /// full and that has not changed since.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn write_seen(&self, path: String, content: Bytes) -> Result<Option<Refused>, Error> {
        let session = self.session.clone();
        self.change(move |space| {
            let _alone = space.edit();
            make_parents(space, &path)?;
            let at = space.resolve(&path, Last::Follow)?;
            match space.view.read(&at) {
                Ok(old) => match seen(&session).in_full(&at, &old) {
                    Known::NotInFull => return Ok(Some(Refused::NotRead)),
                    Known::Changed => return Ok(Some(Refused::Changed)),
                    Known::Same => {}
                },
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(FileError::of(&error, &path)),
            }
            space.view.write(&at, content.clone()).map_err(|error| FileError::of(&error, &path))?;
            seen(&session).remember(&at, &content, true);
            Ok(None)
        })
        .await
    }

    /// Replaces `old` by `new` in a file: the one place where it stands, or with `all` every one. Gives how many.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn edit(
        &self,
        path: String,
        old: String,
        new: String,
        all: bool,
    ) -> Result<Result<usize, Refused>, Error> {
        let session = self.session.clone();
        self.change(move |space| {
            let _alone = space.edit();
            let at = space.resolve(&path, Last::Follow)?;
            let content = space.view.read(&at).map_err(|error| FileError::of(&error, &path))?;
            if seen(&session).any(&at, &content) == Known::Changed {
                return Ok(Err(Refused::Changed));
            }
            let Ok(text) = std::str::from_utf8(&content) else { return Ok(Err(Refused::NotText)) };
            let found = if old.is_empty() { 0 } else { text.matches(&old).count() };
            match found {
                0 => return Ok(Err(Refused::NotFound)),
                2.. if !all => return Ok(Err(Refused::Ambiguous(found))),
                _ => {}
            }
            let longer = (found as u64).saturating_mul(new.len() as u64).saturating_add(text.len() as u64);
            if longer.saturating_sub((found * old.len()) as u64) > space.max_file {
                return Err(FileError::new(Errno::EFBIG, &path));
            }
            let edited = Bytes::from(text.replace(&old, &new));
            space.view.write(&at, edited.clone()).map_err(|error| FileError::of(&error, &path))?;
            // What it did not see of the file before it has not seen now.
            seen(&session).remember_edit(&at, &content, &edited);
            Ok(Ok(found))
        })
        .await
    }
}

fn seen(session: &Session) -> MutexGuard<'_, Seen> {
    session.seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the directories on the way to `path` that are missing.
fn make_parents(space: &Space, path: &str) -> Result<(), FileError> {
    space.resolve(path, Last::Follow).map(drop).or_else(|error| {
        if error.errno != Errno::ENOENT || path.is_empty() {
            return Err(error);
        }
        let full = space.absolute(path);
        for (end, _) in full.match_indices('/').skip(1) {
            let at = space.resolve(&full[..end], Last::Follow)?;
            match space.view.stat(&at) {
                Ok(there) if there.kind == Kind::Directory => {}
                Ok(_) => return Err(FileError::new(Errno::ENOTDIR, path)),
                Err(_) => space.view.make_dir(&at).map_err(|error| FileError::of(&error, path))?,
            }
        }
        Ok(())
    })
}
