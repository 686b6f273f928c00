//! The last lines that are wanted.

use super::backwards::Backwards;
use super::{Filter, Line, log_files};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

/// Lines that go on from one that is not reached yet; of more, those farthest from it are left out.
const HELD: usize = 1000;

/// The last `lines` lines that `filter` wants, oldest first; of the newest file only what is before `until`, when it is given.
///
/// # Errors
/// What the file system said.
pub fn tail(dir: &Path, filter: &Filter, lines: usize, until: Option<&(PathBuf, u64)>) -> io::Result<Vec<Line>> {
    let mut found = Found { filter, wanted: lines, lines: Vec::new(), held: VecDeque::new(), is_done: lines == 0 };
    for path in log_files(dir)?.iter().rev() {
        if found.is_done {
            break;
        }
        let length = match until {
            Some((newest, _)) if path > newest => continue,
            Some((newest, end)) if path == newest => *end,
            _ => path.metadata()?.len(),
        };
        found.read(File::open(path)?, length)?;
    }
    Ok(found.in_order())
}

struct Found<'a> {
    filter: &'a Filter,
    wanted: usize,
    /// Newest first.
    lines: Vec<Line>,
    held: VecDeque<Line>,
    is_done: bool,
}

impl Found<'_> {
    fn read(&mut self, file: impl Read + Seek, length: u64) -> io::Result<()> {
        let mut backwards = Backwards::new(file, length);
        while !self.is_done {
            let Some(line) = backwards.line()? else { break };
            self.take(Line::new(&line));
        }
        // A file begins with a line of its own: what is held belongs to nothing.
        self.held.clear();
        Ok(())
    }

    fn take(&mut self, line: Line) {
        if self.filter.is_empty() {
            self.lines.push(line);
        } else if let Some(time) = line.time_ms() {
            if self.filter.since_ms.is_some_and(|since| time < since) {
                self.is_done = true;
                return;
            }
            if self.filter.takes(&line, time) {
                self.lines.extend(self.held.drain(..));
                self.lines.push(line);
            }
            self.held.clear();
        } else {
            self.held.push_back(line);
            if self.held.len() > HELD {
                self.held.pop_front();
            }
        }
        self.is_done |= self.lines.len() >= self.wanted;
    }

    fn in_order(mut self) -> Vec<Line> {
        self.lines.truncate(self.wanted);
        self.lines.reverse();
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::backwards::BLOCK;
    use super::*;
    use std::io::SeekFrom;

    /// A file of any size that counts what is read of it.
    struct Counted {
        at: u64,
        length: u64,
        read: u64,
    }

    const LINE: &[u8] = b"2026-11-20T13:12:03.123456Z  INFO waypost: a line of sixty-four b\n";

    impl Read for &mut Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            for byte in buffer.iter_mut() {
                *byte = LINE[usize::try_from(self.at % LINE.len() as u64).unwrap()];
                self.at += 1;
            }
            self.read += buffer.len() as u64;
            assert!(self.at <= self.length);
            Ok(buffer.len())
        }
    }

    impl Seek for &mut Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let SeekFrom::Start(at) = to else { panic!("only from the start") };
            self.at = at;
            Ok(at)
        }
    }

    fn found(filter: &Filter, wanted: usize) -> Found<'_> {
        Found { filter, wanted, lines: Vec::new(), held: VecDeque::new(), is_done: false }
    }

    #[test]
    fn of_a_large_file_only_the_end_is_read() {
        let length = LINE.len() as u64 * 4_000_000; // 264 MB
        let mut file = Counted { at: 0, length, read: 0 };
        let filter = Filter::default();
        let mut all = found(&filter, 100);
        all.read(&mut file, length).unwrap();
        assert_eq!(all.in_order().len(), 100);
        assert_eq!(file.read, BLOCK);

        // One that looks for what is newer than everything reads one line's worth.
        let filter = Filter { since_ms: Some(i64::MAX), ..Filter::default() };
        let mut none = found(&filter, 100);
        file.read = 0;
        none.read(&mut file, length).unwrap();
        assert_eq!((none.in_order().len(), file.read), (0, BLOCK));
    }

    #[test]
    fn filters_count_what_they_let_through_and_files_follow_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let write =
            |day: u8, text: &str| std::fs::write(dir.path().join(format!("waypost.2026-01-0{day}.log")), text).unwrap();
        write(1, "2026-01-01T00:00:00Z ERROR x: one job=j1\n  more of one\n2026-01-01T10:00:00Z  INFO x: two job=j2\n");
        write(2, "2026-01-02T00:00:00Z  INFO x: three job=j1\n2026-01-02T01:00:00Z  WARN x: four\n");
        std::fs::write(dir.path().join("daemon.log"), "not ours\n").unwrap();
        let of = |filter: Filter, lines| {
            let lines = tail(dir.path(), &filter, lines, None).unwrap();
            lines
                .into_iter()
                .map(|line| line.0.split_once(": ").map_or(line.0.clone(), |(_, text)| text.to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Filter::default(), 3), ["two job=j2", "three job=j1", "four"]);
        assert_eq!(of(Filter { errors: true, ..Filter::default() }, 9), ["one job=j1", "  more of one", "four"]);
        assert_eq!(of(Filter { job: Some("j1".to_owned()), ..Filter::default() }, 1), ["three job=j1"]);
        let ten = DateTime::parse_from_rfc3339("2026-01-01T10:00:00Z").unwrap().timestamp_millis();
        assert_eq!(of(Filter { since_ms: Some(ten), ..Filter::default() }, 9).len(), 3);
        assert!(of(Filter::default(), 0).is_empty());
    }

    use chrono::DateTime;
}
