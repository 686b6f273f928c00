//! Lines from a place on, and those that come, from one day's file to the next.

use super::backwards::BLOCK;
use super::since::offset_since;
use super::{Filter, Line, log_files};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read at a time, which also bounds a line without end.
const CHUNK: u64 = 1 << 20;

/// Reads on.
#[derive(Debug)]
pub struct Follow {
    dir: PathBuf,
    filter: Filter,
    /// The file that is read, and how far.
    open: Option<(PathBuf, File, u64)>,
    /// Files up to this one are done with.
    done: Option<PathBuf>,
    /// A line that has no end yet.
    rest: Vec<u8>,
    /// Whether the record that a line goes on from was wanted.
    shown: bool,
}

impl Follow {
    /// From the end of what there is.
    ///
    /// # Errors
    /// What the file system said.
    pub fn from_end(dir: &Path, filter: Filter) -> io::Result<Self> {
        let mut follow = Self::new(dir, filter);
        if let Some(path) = log_files(dir)?.pop() {
            let mut file = File::open(&path)?;
            let at = end_of_lines(&mut file)?;
            follow.open = Some((path, file, at));
        }
        Ok(follow)
    }

    /// From the filter's time on.
    ///
    /// # Errors
    /// What the file system said.
    pub fn from_time(dir: &Path, filter: Filter) -> io::Result<Self> {
        let since = filter.since_ms.unwrap_or_default();
        let mut follow = Self::new(dir, filter);
        let day =
            chrono::DateTime::from_timestamp_millis(since).map(|at| at.format("waypost.%Y-%m-%d.log").to_string());
        let day = dir.join(day.unwrap_or_default());
        let (earlier, later): (Vec<_>, Vec<_>) = log_files(dir)?.into_iter().partition(|path| *path < day);
        follow.done = earlier.into_iter().next_back();
        if let Some(path) = later.into_iter().next() {
            let mut file = File::open(&path)?;
            let length = file.metadata()?.len();
            let at = offset_since(&mut file, length, since)?;
            follow.open = Some((path, file, at));
        }
        Ok(follow)
    }

    fn new(dir: &Path, filter: Filter) -> Self {
        let shown = filter.is_empty();
        Self { dir: dir.to_owned(), filter, open: None, done: None, rest: Vec::new(), shown }
    }

    /// The file that is read and how far, so that what is before can be shown first.
    pub fn place(&self) -> Option<(PathBuf, u64)> {
        self.open.as_ref().map(|(path, _, at)| (path.clone(), *at))
    }

    /// What came since, as much as fits in memory well; none when nothing came.
    ///
    /// # Errors
    /// What the file system said.
    pub fn more(&mut self) -> io::Result<Option<Vec<Line>>> {
        if let Some(lines) = self.read()? {
            return Ok(Some(lines));
        }
        let current = self.open.as_ref().map(|(path, ..)| path).or(self.done.as_ref());
        let next = log_files(&self.dir)?.into_iter().find(|path| current.is_none_or(|current| path > current));
        let Some(next) = next else { return Ok(None) };
        // What was written to the old file before the new one was there.
        if let Some(lines) = self.read()? {
            return Ok(Some(lines));
        }
        let last = self.end();
        self.open = Some((next.clone(), File::open(&next)?, 0));
        let more = self.read()?.unwrap_or_default();
        Ok(Some(last.into_iter().chain(more).collect()))
    }

    /// The last line, when it has no end.
    pub fn end(&mut self) -> Option<Line> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() { None } else { self.wanted(&rest) }
    }

    fn read(&mut self) -> io::Result<Option<Vec<Line>>> {
        let Some((_, file, at)) = &mut self.open else { return Ok(None) };
        if file.metadata()?.len() < *at {
            *at = 0; // it was emptied
            self.rest.clear();
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(*at))?;
        file.take(CHUNK).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        *at += bytes.len() as u64;
        let mut all = std::mem::take(&mut self.rest);
        all.append(&mut bytes);
        let whole = match all.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => last + 1,
            None if all.len() as u64 > CHUNK => all.len(),
            None => 0,
        };
        self.rest = all.split_off(whole);
        let body = all.strip_suffix(b"\n").unwrap_or(&all);
        if all.is_empty() {
            return Ok(Some(Vec::new()));
        }
        Ok(Some(body.split(|byte| *byte == b'\n').filter_map(|line| self.wanted(line)).collect()))
    }

    fn wanted(&mut self, bytes: &[u8]) -> Option<Line> {
        let line = Line::new(bytes);
        if let Some(time) = line.time_ms() {
            self.shown = self.filter.takes(&line, time);
        }
        self.shown.then_some(line)
    }
}

/// Where the last whole line ends, looked for in the last block only.
fn end_of_lines(file: &mut File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(BLOCK);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(length - from).read_to_end(&mut bytes)?;
    let last = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last as u64 + 1);
    Ok(if last == 0 && from > 0 { length } else { from + last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write;

    #[test]
    fn lines_are_followed_into_the_next_file_and_come_whole() {
        let dir = tempfile::tempdir().unwrap();
        let append = |day: u8, text: &str| {
            let path = dir.path().join(format!("waypost.2026-01-0{day}.log"));
            OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
        };
        let mut follow = Follow::from_end(dir.path(), Filter::default()).unwrap();
        let texts = |follow: &mut Follow| {
            let lines = follow.more().unwrap();
            lines.map(|lines| lines.into_iter().map(|line| line.0).collect::<Vec<_>>())
        };
        assert_eq!(texts(&mut follow), None);
        append(1, "one\ntw");
        assert_eq!(texts(&mut follow).unwrap(), ["one"]);
        append(1, "o\nthree\n");
        append(2, "four\n");
        assert_eq!(texts(&mut follow).unwrap(), ["two", "three"]);
        assert_eq!(texts(&mut follow).unwrap(), ["four"]);
        assert_eq!(texts(&mut follow), None);

        append(2, "fi");
        let again = Follow::from_end(dir.path(), Filter::default()).unwrap();
        assert_eq!(again.place().unwrap().1, 5);
        std::fs::write(dir.path().join("waypost.2026-01-02.log"), "x\n").unwrap();
        assert_eq!(texts(&mut follow).unwrap(), ["x"]);
    }

    #[test]
    fn everything_since_a_time_comes_whatever_the_day() {
        let dir = tempfile::tempdir().unwrap();
        for (day, text) in [
            (1, "2026-01-01T00:00:00Z  INFO x: old\n"),
            (2, "2026-01-02T00:00:00Z  INFO x: a\n2026-01-02T09:00:00Z ERROR x: b\n more\n"),
            (3, "2026-01-03T00:00:00Z  INFO x: c"),
        ] {
            std::fs::write(dir.path().join(format!("waypost.2026-01-0{day}.log")), text).unwrap();
        }
        let since = |time: &str| {
            let since_ms = chrono::DateTime::parse_from_rfc3339(time).ok().map(|time| time.timestamp_millis());
            let mut follow = Follow::from_time(dir.path(), Filter { since_ms, ..Filter::default() }).unwrap();
            let mut count = 0;
            while let Some(lines) = follow.more().unwrap() {
                count += lines.len();
            }
            count + usize::from(follow.end().is_some())
        };
        assert_eq!(since("2026-01-02T08:00:00Z"), 3);
        assert_eq!(since("2025-01-01T00:00:00Z"), 5);
        assert_eq!(since("2026-02-01T00:00:00Z"), 0);
    }
}
