//! Paths by pattern.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::pattern::{Pattern, alternatives};
use super::space::{Last, Space};
use crate::workspace::Error;
use crate::workspace::mount::{Entry, Kind, MAX_PATH};
use std::collections::{BTreeSet, HashSet};

/// Paths that one call gives.
const MAX_PATHS: usize = 200_000;
/// Names that one call looks at: a pattern with several `**` sees a name more than once.
const MAX_LOOKS: usize = 20_000_000;
/// Alternatives in braces.
const MAX_ALTERNATIVES: usize = 256;

enum Part {
    Name(String),
    Pattern(Pattern),
    /// `**`: any number of directories.
    Deep,
}

impl Files {
    /// The paths that match a pattern, in byte order. A relative one is looked for below `base`, or below the session's
    /// directory. `**` is any number of directories; at the end it is its directory itself and all that is below. Names
    /// with a dot at the beginning match only where the pattern writes the dot. `{a,b}` are alternatives.
    ///
    /// `stop` is asked from time to time and ends the call.
    ///
    /// # Errors
    /// As [`Files`] says; [`Errno::E2BIG`] for too much; [`Error::Cancelled`] when told to stop.
    pub async fn glob(
        &self,
        pattern: String,
        base: Option<String>,
        stop: impl Fn() -> bool + Send + 'static,
    ) -> Result<Vec<String>, Error> {
        let found = self.look(move |space| {
            if pattern.len() > MAX_PATH {
                return Err(FileError::new(Errno::ENAMETOOLONG, &pattern));
            }
            if pattern.contains('\0') {
                return Err(FileError::new(Errno::EINVAL, &pattern));
            }
            let mut walk =
                Walk { space, stop: &stop, pattern: &pattern, found: BTreeSet::new(), looks: 0, told: false };
            for pattern in alternatives(&pattern, MAX_ALTERNATIVES) {
                let full = match &base {
                    Some(base) if !pattern.starts_with('/') => space.absolute(&format!("{base}/{pattern}")),
                    _ => space.absolute(&pattern),
                };
                walk.run(&parts(&full))?;
            }
            Ok(if walk.told { None } else { Some(walk.found) })
        });
        let found = found.await?.ok_or(Error::Cancelled)?;
        Ok(found.into_iter().collect())
    }
}

fn parts(full: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for name in full.split('/').filter(|name| !matches!(*name, "" | ".")) {
        if name == "**" {
            // Two of them are one.
            if !matches!(parts.last(), Some(Part::Deep)) {
                parts.push(Part::Deep);
            }
            continue;
        }
        let pattern = Pattern::new(name);
        parts.push(pattern.literal().map_or(Part::Pattern(pattern), Part::Name));
    }
    parts
}

struct Walk<'a> {
    space: &'a Space,
    stop: &'a dyn Fn() -> bool,
    pattern: &'a str,
    found: BTreeSet<String>,
    looks: usize,
    told: bool,
}

impl Walk<'_> {
    fn run(&mut self, parts: &[Part]) -> Result<(), FileError> {
        // With several `**` there are several ways to the same place.
        let mut been: Option<HashSet<(String, usize)>> =
            (parts.iter().filter(|part| matches!(part, Part::Deep)).count() > 1).then(HashSet::new);
        let mut left = vec![(String::new(), 0)];
        while let Some((at, index)) = left.pop() {
            if (self.stop)() {
                self.told = true;
                return Ok(());
            }
            if been.as_mut().is_some_and(|been| !been.insert((at.clone(), index))) {
                continue;
            }
            let is_last = index + 1 == parts.len();
            match parts.get(index) {
                None => self.add(if at.is_empty() { "/".to_owned() } else { at })?,
                Some(Part::Name(name)) if name == ".." => {
                    left.push((at[..at.rfind('/').unwrap_or_default()].to_owned(), index + 1));
                }
                Some(Part::Name(name)) => {
                    let next = format!("{at}/{name}");
                    if !is_last {
                        left.push((next, index + 1));
                    } else if self.there(&next)? {
                        self.add(next)?;
                    }
                }
                Some(Part::Pattern(pattern)) => {
                    for entry in self.list(&at)?.into_iter().filter(|entry| pattern.matches(&entry.name)) {
                        let next = format!("{at}/{}", entry.name);
                        match entry.metadata.kind {
                            _ if is_last => self.add(next)?,
                            Kind::Directory | Kind::Symlink => left.push((next, index + 1)),
                            Kind::File => {}
                        }
                    }
                }
                Some(Part::Deep) => self.deep(at, index, is_last, &mut left)?,
            }
        }
        Ok(())
    }

    /// `**` at a directory: no directory more, or one more.
    fn deep(
        &mut self,
        at: String,
        index: usize,
        is_last: bool,
        left: &mut Vec<(String, usize)>,
    ) -> Result<(), FileError> {
        let Some(entries) = self.directory(&at)? else { return Ok(()) };
        for entry in entries.into_iter().filter(|entry| !entry.name.starts_with('.')) {
            let next = format!("{at}/{}", entry.name);
            match entry.metadata.kind {
                Kind::Directory => left.push((next, index)),
                _ if is_last => self.add(next)?,
                // Links are not followed: they may lead in circles.
                _ => {}
            }
        }
        if is_last {
            return self.add(if at.is_empty() { "/".to_owned() } else { at });
        }
        left.push((at, index + 1));
        Ok(())
    }

    fn add(&mut self, path: String) -> Result<(), FileError> {
        self.found.insert(path);
        if self.found.len() > MAX_PATHS {
            Err(self.too_much(&format!("more than {MAX_PATHS} paths match")))
        } else {
            Ok(())
        }
    }

    fn list(&mut self, at: &str) -> Result<Vec<Entry>, FileError> {
        Ok(self.directory(at)?.unwrap_or_default())
    }

    /// The members of a directory; none when there is no such directory that the session can see.
    fn directory(&mut self, at: &str) -> Result<Option<Vec<Entry>>, FileError> {
        let path = if at.is_empty() { "/" } else { at };
        let listed = self
            .space
            .resolve(path, Last::Follow)
            .and_then(|real| self.space.view.list(&real).map_err(|error| FileError::of(&error, path)));
        let entries = none_if_not_there(listed)?;
        self.looks += 1 + entries.as_ref().map_or(0, Vec::len);
        if self.looks > MAX_LOOKS {
            return Err(self.too_much("too many names to look at"));
        }
        Ok(entries)
    }

    fn there(&self, path: &str) -> Result<bool, FileError> {
        Ok(none_if_not_there(self.space.stat(path, Last::Keep))?.is_some())
    }

    fn too_much(&self, what: &str) -> FileError {
        let error = FileError::new(Errno::E2BIG, self.pattern);
        FileError { message: format!("{}: {what}", error.message), ..error }
    }
}

/// A mount that fails must not look like one without a match.
fn none_if_not_there<T>(result: Result<T, FileError>) -> Result<Option<T>, FileError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(FileError {
            errno: Errno::ENOENT | Errno::ENOTDIR | Errno::EACCES | Errno::ELOOP | Errno::ENAMETOOLONG,
            ..
        }) => Ok(None),
        Err(error) => Err(error),
    }
}
