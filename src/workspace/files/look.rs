//! Calls that change nothing.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::space::{Last, Space};
use crate::workspace::Error;
use crate::workspace::mount::{Kind, Metadata};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::io::Read;

/// What `stat` shows of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// The last component of where it is; `/` for the root.
    pub name: String,
    /// What is there.
    pub metadata: Metadata,
    /// A number that the files of one mount share and those of another one do not.
    pub device: u64,
}

impl Files {
    /// At most `size` bytes of a file from `offset` on, all without a size. Refuses ([`Errno::EFBIG`]) what would be more
    /// than `most`.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn read(&self, path: String, offset: u64, size: Option<u64>, most: u64) -> Result<Bytes, Error> {
        self.look(move |space| {
            let (at, there) = space.stat(&path, Last::Follow)?;
            // A device has no size but gives bytes.
            let left = if there.size == 0 { most } else { there.size.saturating_sub(offset) };
            let size = size.unwrap_or(u64::MAX).min(left);
            if size > most {
                let message = format!("File too large: {size} bytes are more than one answer holds ({most})");
                return Err(FileError { message, ..FileError::new(Errno::EFBIG, &path) });
            }
            space.view.read_at(&at, offset, size).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    /// A file's bytes as a stream, which blocks.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn open(&self, path: String) -> Result<Box<dyn Read + Send>, Error> {
        self.look(move |space| {
            let at = space.resolve(&path, Last::Follow)?;
            space.view.open(&at).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }

    /// What is at a path; with `follow` what a link there leads to.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn stat(&self, path: String, follow: bool) -> Result<FileStat, Error> {
        let workspace = self.workspace_id().to_owned();
        self.look(move |space| {
            let (at, metadata) = space.stat(&path, if follow { Last::Follow } else { Last::Keep })?;
            let name = at.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/").to_owned();
            // A directory on the way to a mount is in none.
            let mount = space.view.reach(&at, false).unwrap_or_default();
            Ok(FileStat { name, metadata, device: device(&workspace, mount) })
        })
        .await
    }

    /// What is at a path, links followed; none when nothing that the session can see is.
    ///
    /// # Errors
    /// As [`Files`] says, for a path that cannot be one.
    pub async fn kind(&self, path: String) -> Result<Option<Kind>, Error> {
        self.look(move |space| match space.stat(&path, Last::Follow) {
            Ok((_, there)) => Ok(Some(there.kind)),
            Err(FileError { errno: Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP | Errno::EACCES, .. }) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// The names in a directory and what each is, links as links, in byte order. The first value is the directory's path
    /// as it was given, absolute and without a slash at its end.
    ///
    /// # Errors
    /// As [`Files`] says.
    pub async fn list(&self, path: String) -> Result<(String, Vec<(String, Kind)>), Error> {
        self.look(move |space| {
            let at = space.resolve(&path, Last::Follow)?;
            let entries = space.view.list(&at).map_err(|error| FileError::of(&error, &path))?;
            let entries = entries.into_iter().map(|entry| (entry.name, entry.metadata.kind)).collect();
            Ok((shown(space, &path, at), entries))
        })
        .await
    }

    /// A link's target, as written.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::EINVAL`] for what is no link.
    pub async fn read_link(&self, path: String) -> Result<String, Error> {
        self.look(move |space| {
            let at = space.resolve(&path, Last::Keep)?;
            space.view.read_link(&at).map_err(|error| FileError::of(&error, &path))
        })
        .await
    }
}

/// A caller that came through a link goes on through it; only what has dots in it is shown as what it means.
fn shown(space: &Space, given: &str, at: String) -> String {
    let full = space.absolute(given);
    if full.split('/').any(|name| matches!(name, "." | "..")) {
        return at;
    }
    let names: Vec<&str> = full.split('/').filter(|name| !name.is_empty()).collect();
    format!("/{}", names.join("/"))
}

fn device(workspace: &str, prefix: &str) -> u64 {
    let digest = Sha256::digest(format!("{workspace}\0{prefix}"));
    // 48 bits: exact in every JSON reader.
    digest.iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
