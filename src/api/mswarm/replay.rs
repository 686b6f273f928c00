//! Tokens that were used, until they expire by themselves.

use crate::base::{read_private, unix_ms, write_private};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// More are not remembered. Only who has the signing secret can make so many; then no further token is taken.
const MOST: usize = 200_000;
/// Between two looks for those that have expired, seconds.
const PURGE: i64 = 60;

/// Whether a token is used for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    First,
    Again,
    /// Nobody could say later.
    Full,
}

/// Tokens that were used. Keys are hashes: a token cannot be had from here.
#[derive(Debug)]
pub(super) struct Replay {
    path: Option<PathBuf>,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    /// Key → until when the token is good, seconds since 1970.
    until: HashMap<String, i64>,
    purge_at: i64,
    file: Option<File>,
}

impl Replay {
    /// Those that were used before, as the file says. A file that cannot be read is named in the log, and a new one begun.
    pub(super) fn open(path: Option<PathBuf>) -> Self {
        let mut used = Used::default();
        if let Some(path) = &path {
            let now = now();
            match read_private(path) {
                Ok(text) => used.until = text.lines().filter_map(line).filter(|(_, until)| *until >= now).collect(),
                Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(path = %path.display(), %error, "used tokens are forgotten"),
            }
            used.rewrite(path);
        }
        Self { path, used: Mutex::new(used) }
    }

    /// Notes a use of what `key` stands for, which is good until `until` (seconds since 1970).
    pub(super) fn note(&self, key: &str, until: i64) -> Use {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now();
        if used.until.get(key).is_some_and(|until| *until >= now) {
            return Use::Again;
        }
        if now >= used.purge_at || used.until.len() >= MOST {
            used.purge_at = now + PURGE;
            let before = used.until.len();
            used.until.retain(|_, until| *until >= now);
            if let Some(path) = self.path.as_ref().filter(|_| used.until.len() < before) {
                used.rewrite(path);
            }
        }
        if used.until.len() >= MOST {
            return Use::Full;
        }
        used.until.insert(key.to_owned(), until);
        if let Some(file) = &mut used.file
            && let Err(error) = writeln!(file, "{until} {key}")
        {
            tracing::warn!(%error, "a used token is remembered in memory only");
        }
        Use::First
    }
}

impl Used {
    fn rewrite(&mut self, path: &PathBuf) {
        let text: String = self.until.iter().map(|(key, until)| format!("{until} {key}\n")).collect();
        let opened = write_private(path, text.as_bytes()).and_then(|()| OpenOptions::new().append(true).open(path));
        match opened {
            Ok(file) => self.file = Some(file),
            Err(error) => {
                self.file = None;
                tracing::warn!(path = %path.display(), %error, "used tokens are remembered in memory only");
            }
        }
    }
}

fn line(text: &str) -> Option<(String, i64)> {
    let (until, key) = text.split_once(' ')?;
    Some((key.to_owned(), until.parse().ok()?))
}

fn now() -> i64 {
    unix_ms() / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_good_once_also_after_a_restart_until_it_expires() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("used");
        let replay = Replay::open(Some(path.clone()));
        assert_eq!(replay.note("a", now() + 60), Use::First);
        assert_eq!(replay.note("a", now() + 60), Use::Again);
        assert_eq!(replay.note("old", now() - 1), Use::First);
        let after = Replay::open(Some(path.clone()));
        assert_eq!((after.note("a", now() + 60), after.note("b", now() + 60)), (Use::Again, Use::First));
        assert!(!std::fs::read_to_string(path).unwrap().contains("old"), "what has expired is forgotten");
        assert_eq!(Replay::open(None).note("a", now() + 60), Use::First);
    }
}
