//! What a session's tools have read, so that they do not overwrite what nobody looked at.

use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};

/// Files that are remembered; the oldest is forgotten first, and has to be read again then.
const MOST: usize = 4096;

/// The files that were read, as they were. Not kept over a restart.
#[derive(Default)]
pub struct Seen {
    files: HashMap<String, Reading>,
    order: VecDeque<String>,
}

struct Reading {
    hash: [u8; 32],
    in_full: bool,
}

/// What is known of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It was not read, or only a part of it.
    NotInFull,
    /// It was another one when it was read.
    Changed,
    /// It is as it was read.
    Same,
}

impl Seen {
    /// The file at `path` was read, or written, with this content.
    pub(super) fn remember(&mut self, path: &str, content: &[u8], in_full: bool) {
        let hash = Sha256::digest(content).into();
        // A second look at a part does not make less of what was seen before.
        let in_full = in_full || self.files.get(path).is_some_and(|old| old.in_full && old.hash == hash);
        if self.files.insert(path.to_owned(), Reading { hash, in_full }).is_none() {
            self.order.push_back(path.to_owned());
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.files.remove(&oldest);
        }
    }

    /// The session itself made `new` of `old`: it knows as much of the one as of the other.
    pub(super) fn remember_edit(&mut self, path: &str, old: &[u8], new: &[u8]) {
        let in_full = self.in_full(path, old) == Known::Same;
        self.remember(path, new, in_full);
    }

    /// Whether what is there now is what was read in full.
    pub(super) fn in_full(&self, path: &str, content: &[u8]) -> Known {
        match self.files.get(path) {
            Some(reading) if !reading.in_full => Known::NotInFull,
            Some(_) => self.any(path, content),
            None => Known::NotInFull,
        }
    }

    /// Whether what is there now is what was read, be it a part.
    pub(super) fn any(&self, path: &str, content: &[u8]) -> Known {
        match self.files.get(path) {
            Some(reading) if reading.hash == <[u8; 32]>::from(Sha256::digest(content)) => Known::Same,
            Some(_) => Known::Changed,
            None => Known::NotInFull,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_and_a_part_is_not_the_whole() {
        let mut seen = Seen::default();
        seen.remember("/part", b"x", false);
        assert_eq!((seen.in_full("/part", b"x"), seen.any("/part", b"x")), (Known::NotInFull, Known::Same));
        seen.remember("/part", b"x", true);
        seen.remember("/part", b"x", false);
        assert_eq!((seen.in_full("/part", b"x"), seen.in_full("/part", b"y")), (Known::Same, Known::Changed));
        for number in 0..MOST {
            seen.remember(&number.to_string(), b"", true);
        }
        assert_eq!((seen.in_full("/part", b"x"), seen.in_full("1", b"")), (Known::NotInFull, Known::Same));
        assert_eq!((seen.files.len(), seen.order.len()), (MOST, MOST));
    }
}
