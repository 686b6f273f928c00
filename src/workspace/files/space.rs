//! One session's paths: what a path that a caller gives means, links followed.
//!
//! Links belong to the namespace, not to a mount, so they are followed here. Everything in here blocks.

use super::error::{Errno, FileError};
use crate::workspace::mount::{Kind, MAX_PATH, Metadata, View};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Links on the way to one file, as Linux has it.
const MAX_LINKS: usize = 40;

/// The mounts as one session sees them, and where its relative paths begin.
pub(super) struct Space {
    pub view: Arc<View>,
    pub cwd: String,
    /// The largest file, bytes.
    pub max_file: u64,
    pub edits: Arc<Mutex<()>>,
}

/// What to do with a link in the last component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// Go where it points.
    Follow,
    /// Take the link itself.
    Keep,
}

impl Space {
    /// The absolute path without links that `path` means. What it names may be missing, its directory may not.
    pub(super) fn resolve(&self, path: &str, last: Last) -> Result<String, FileError> {
        let error = |errno| FileError::new(errno, path);
        if path.is_empty() {
            return Err(error(Errno::ENOENT));
        }
        if path.contains('\0') {
            return Err(error(Errno::EINVAL));
        }
        if path.len() > MAX_PATH {
            return Err(error(Errno::ENAMETOOLONG));
        }
        let full = self.absolute(path);
        let as_directory = path.ends_with('/') && !path.bytes().all(|byte| byte == b'/');
        let last = if as_directory { Last::Follow } else { last };
        let found = match self.at_once(&full, last) {
            Some(found) => found,
            None => self.walk(&full, last).map_err(|stopped| match stopped {
                Stopped::At(errno) => error(errno),
                Stopped::Said(said) => FileError::of(&said, path),
            })?,
        };
        match found {
            (_, Some(there)) if as_directory && there.kind != Kind::Directory => Err(error(Errno::ENOTDIR)),
            (at, _) => Ok(at),
        }
    }

    /// What is at `path`, with where that is.
    pub(super) fn stat(&self, path: &str, last: Last) -> Result<(String, Metadata), FileError> {
        let at = self.resolve(path, last)?;
        let metadata = self.view.stat(&at).map_err(|error| FileError::of(&error, path))?;
        Ok((at, metadata))
    }

    /// Where it would be if there were no links.
    pub(super) fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.cwd.trim_end_matches('/')) }
    }

    /// Keeps other direct calls from changing a file between its reading and its writing.
    pub(super) fn edit(&self) -> MutexGuard<'_, ()> {
        self.edits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The common case in one look: a path without dots that is there can have no link on its way.
    fn at_once(&self, full: &str, last: Last) -> Option<(String, Option<Metadata>)> {
        let mut plain = String::with_capacity(full.len());
        for name in full.split('/').filter(|name| !name.is_empty()) {
            if matches!(name, "." | "..") {
                return None;
            }
            plain.push('/');
            plain.push_str(name);
        }
        if plain.is_empty() {
            plain.push('/');
        }
        let there = self.view.stat(&plain).ok()?;
        (last == Last::Keep || there.kind != Kind::Symlink).then_some((plain, Some(there)))
    }

    fn walk(&self, full: &str, last: Last) -> Result<(String, Option<Metadata>), Stopped> {
        let mut left: Vec<String> = names(full);
        let mut at = String::new();
        let mut links = 0;
        let mut there = None;
        while let Some(name) = left.pop() {
            if name == ".." {
                at.truncate(at.rfind('/').unwrap_or_default());
                there = None;
                continue;
            }
            let next = format!("{at}/{name}");
            let is_last = left.is_empty();
            match self.view.stat(&next) {
                Ok(found) if found.kind == Kind::Symlink && (!is_last || last == Last::Follow) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Stopped::At(Errno::ELOOP));
                    }
                    let target = self.view.read_link(&next).map_err(Stopped::Said)?;
                    if target.is_empty() {
                        return Err(Stopped::At(Errno::ENOENT));
                    }
                    if target.starts_with('/') {
                        at.clear();
                    }
                    left.extend(names(&target));
                    there = None;
                }
                Ok(found) if !is_last && found.kind != Kind::Directory => return Err(Stopped::At(Errno::ENOTDIR)),
                Ok(found) => {
                    at = next;
                    there = Some(found);
                }
                Err(missing) if is_last && missing.kind() == io::ErrorKind::NotFound => {
                    at = next;
                    there = None;
                }
                Err(error) => return Err(Stopped::Said(error)),
            }
        }
        if at.is_empty() {
            at.push('/');
        }
        Ok((at, there))
    }
}

/// Why a path leads nowhere.
enum Stopped {
    At(Errno),
    Said(io::Error),
}

/// The components of a path, the first one at the end.
fn names(path: &str) -> Vec<String> {
    path.split('/').rev().filter(|name| !matches!(*name, "" | ".")).map(str::to_owned).collect()
}
