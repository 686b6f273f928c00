//! Modes and times. Files here have one owner and no extended attributes.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::space::Last;
use crate::workspace::Error;
use crate::workspace::mount::Kind;

/// What to set of a file; what is not given stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewAttributes {
    /// Permission bits.
    pub mode: Option<u32>,
    /// Time of the last change, milliseconds since 1970 UTC.
    pub modified_ms: Option<i64>,
}

impl Files {
    /// Sets permission bits and the time of the last change.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::ENOTSUP`] for the mode of a link itself, which has none.
    pub async fn set_attributes(&self, path: String, new: NewAttributes, follow: bool) -> Result<(), Error> {
        self.change(move |space| {
            let (at, there) = space.stat(&path, if follow { Last::Follow } else { Last::Keep })?;
            let said = |error| FileError::of(&error, &path);
            space.view.reach(&at, true).map_err(said)?;
            if let Some(mode) = new.mode {
                if there.kind == Kind::Symlink {
                    return Err(FileError::new(Errno::ENOTSUP, &path));
                }
                space.view.set_mode(&at, mode).map_err(said)?;
            }
            match new.modified_ms {
                Some(time) => space.view.set_modified(&at, time).map_err(said),
                None => Ok(()),
            }
        })
        .await
    }

    /// The names of the extended attributes of a path: none, when it is there.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn list_attributes(&self, path: String, follow: bool) -> Result<Vec<String>, Error> {
        self.stat(path, follow).await.map(|_| Vec::new())
    }

    /// What every other call on an extended attribute ends with.
    ///
    /// # Errors
    /// [`Errno::ENOTSUP`], or what is wrong with the path.
    pub async fn no_attributes(&self, path: String, follow: bool, changing: bool) -> Result<(), Error> {
        self.look(move |space| {
            let (at, _) = space.stat(&path, if follow { Last::Follow } else { Last::Keep })?;
            space.view.reach(&at, changing).map_err(|error| FileError::of(&error, &path))?;
            Err(FileError::new(Errno::ENOTSUP, &path))
        })
        .await
    }

    /// Refuses an owner that is not the one that every file has.
    ///
    /// # Errors
    /// [`Errno::EPERM`].
    pub fn no_other_owner(&self, path: &str) -> Error {
        FileError::new(Errno::EPERM, path).into()
    }
}
