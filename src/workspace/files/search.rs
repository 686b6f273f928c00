//! Lines by regular expression.

use super::error::{Errno, FileError};
use super::handle::Files;
use super::pattern::Pattern;
use super::space::{Last, Space};
use crate::workspace::Error;
use crate::workspace::mount::Kind;
use regex::bytes::Regex;
use std::collections::VecDeque;

/// Text of lines that one call gives, bytes.
const MAX_TEXT: usize = 8 << 20;
/// Lines between two looks at whether to stop.
const LINES_BETWEEN: u64 = 4096;
/// A file with a zero in so many bytes at its beginning is not text.
const SNIFFED: usize = 32 << 10;

/// What to search, and where.
#[derive(Debug, Clone)]
pub struct Search {
    /// A file, or a directory with everything below it.
    pub path: String,
    /// What a line must match.
    pub regex: Regex,
    /// Only files whose name matches this pattern.
    pub include: Option<String>,
    /// Lines before and after each match to give too.
    pub context: usize,
    /// Matches after which a file is done.
    pub max_count: Option<u64>,
    /// Whether lines are wanted; else only how many match.
    pub lines: bool,
    /// Whether files without a match are wanted too.
    pub all_files: bool,
}

/// What was found in one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMatches {
    /// The file, below the path that was given.
    pub path: String,
    /// Lines that match.
    pub count: u64,
    /// Whether it is not text; it has no lines then.
    pub binary: bool,
    /// The lines, with those around them.
    pub lines: Vec<Line>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From 1 on.
    pub number: u64,
    /// Whether it matches, or only stands near one that does.
    pub matches: bool,
    /// Without its end. What is not UTF-8 is replaced.
    pub text: String,
}

impl Files {
    /// Searches files for lines. Links below a directory are not followed, and devices not read. The second value is
    /// false when there was more than one call gives.
    ///
    /// `stop` is asked from time to time and ends the call.
    ///
    /// # Errors
    /// As [`Files`] says; [`Error::Cancelled`] when told to stop.
    pub async fn search(
        &self,
        search: Search,
        stop: impl Fn() -> bool + Send + 'static,
    ) -> Result<(Vec<FileMatches>, bool), Error> {
        let ended = self.look(move |space| {
            let include = search.include.as_deref().map(Pattern::new);
            let mut run = Run { space, search: &search, stop: &stop, found: Vec::new(), text: 0 };
            Ok(match run.all(include.as_ref()) {
                Ok(()) => Some((run.found, true)),
                Err(Ended::Full) => Some((run.found, false)),
                Err(Ended::Told) => None,
                Err(Ended::Failed(error)) => return Err(error),
            })
        });
        ended.await?.ok_or(Error::Cancelled)
    }
}

enum Ended {
    /// There is more than one call gives.
    Full,
    /// It was told to stop.
    Told,
    Failed(FileError),
}

impl From<FileError> for Ended {
    fn from(error: FileError) -> Self {
        Self::Failed(error)
    }
}

struct Run<'a> {
    space: &'a Space,
    search: &'a Search,
    stop: &'a dyn Fn() -> bool,
    found: Vec<FileMatches>,
    text: usize,
}

impl Run<'_> {
    fn all(&mut self, include: Option<&Pattern>) -> Result<(), Ended> {
        let top = &self.search.path;
        let (at, there) = self.space.stat(top, Last::Follow)?;
        let shown = self.space.absolute(top);
        let shown = if shown.len() > 1 { shown.trim_end_matches('/') } else { "" };
        if there.kind == Kind::File {
            return self.file(&at, shown.to_owned());
        }
        // The next one at the end. What is shown differs from where it is when there was a link on the way.
        let mut left = vec![(at, shown.to_owned(), Kind::Directory)];
        while let Some((at, shown, kind)) = left.pop() {
            self.check()?;
            if kind == Kind::File {
                self.file(&at, shown)?;
                continue;
            }
            let entries = match self.space.view.list(&at) {
                Ok(entries) => entries,
                // Gone meanwhile, or not for this session.
                Err(error) if !is_failure(&error) => continue,
                Err(error) => return Err(FileError::of(&error, &shown).into()),
            };
            for entry in entries.into_iter().rev() {
                let is_wanted = match entry.metadata.kind {
                    Kind::Directory => !(at == "/" && entry.name == "dev"),
                    Kind::File => include.is_none_or(|include| include.matches_hidden(&entry.name)),
                    Kind::Symlink => false,
                };
                if is_wanted {
                    let below = format!("{}/{}", at.trim_end_matches('/'), entry.name);
                    left.push((below, format!("{shown}/{}", entry.name), entry.metadata.kind));
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, at: &str, shown: String) -> Result<(), Ended> {
        let content = match self.space.view.read(at) {
            Ok(content) => content,
            Err(error) if !is_failure(&error) => return Ok(()),
            Err(error) => return Err(FileError::of(&error, &shown).into()),
        };
        let binary = content[..content.len().min(SNIFFED)].contains(&0);
        let mut file = FileMatches { path: shown, binary, ..FileMatches::default() };
        // What is behind the last line's end is no line.
        let text = content.strip_suffix(b"\n").unwrap_or(&content);
        let lines = text.split(|byte| *byte == b'\n').take(if content.is_empty() { 0 } else { usize::MAX });
        let wants_lines = self.search.lines && !binary;
        let mut before: VecDeque<(u64, &[u8])> = VecDeque::new();
        let mut after = 0;
        for (number, line) in (1..).zip(lines) {
            if number % LINES_BETWEEN == 0 {
                self.check()?;
            }
            let is_done = self.search.max_count.is_some_and(|most| file.count >= most);
            if is_done && after == 0 {
                break;
            }
            if !is_done && self.search.regex.is_match(line) {
                file.count += 1;
                if wants_lines {
                    for (number, line) in before.drain(..) {
                        self.take(&mut file, number, false, line)?;
                    }
                    self.take(&mut file, number, true, line)?;
                    after = self.search.context;
                }
            } else if after > 0 {
                after -= 1;
                self.take(&mut file, number, false, line)?;
            } else if wants_lines && self.search.context > 0 {
                if before.len() == self.search.context {
                    before.pop_front();
                }
                before.push_back((number, line));
            }
        }
        if file.count > 0 || self.search.all_files {
            self.room(file.path.len())?;
            self.found.push(file);
        }
        Ok(())
    }

    fn take(&mut self, file: &mut FileMatches, number: u64, matches: bool, line: &[u8]) -> Result<(), Ended> {
        if let Err(full) = self.room(line.len() + file.path.len()) {
            self.found.push(std::mem::take(file));
            return Err(full);
        }
        file.lines.push(Line { number, matches, text: String::from_utf8_lossy(line).into_owned() });
        Ok(())
    }

    fn room(&mut self, bytes: usize) -> Result<(), Ended> {
        self.text += bytes + 16;
        if self.text > MAX_TEXT { Err(Ended::Full) } else { Ok(()) }
    }

    fn check(&self) -> Result<(), Ended> {
        if (self.stop)() { Err(Ended::Told) } else { Ok(()) }
    }
}

/// Whether a mount fails, rather than not having or not giving a file: that must not look like no match.
fn is_failure(error: &std::io::Error) -> bool {
    let error = FileError::of(error, "");
    !matches!(error.errno, Errno::ENOENT | Errno::EACCES | Errno::ENOTDIR | Errno::EISDIR)
}
