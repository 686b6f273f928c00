//! What is known of a mount's files and directories without asking.

use crate::workspace::Freshness;
use crate::workspace::mount::{Entry, Kind, Metadata, is_below, parent};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Entries that are held; beyond that everything is forgotten, which costs no more than asking again.
const MAX_ENTRIES: usize = 200_000;

/// What is at a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// What `stat` shows.
    pub(super) metadata: Metadata,
    /// The storage's mark of this very content.
    pub(super) etag: Option<String>,
}

impl Known {
    pub(super) fn directory() -> Self {
        Self { metadata: Metadata { kind: Kind::Directory, size: 0, mode: 0o755, modified_ms: 0 }, etag: None }
    }

    pub(super) fn is_dir(&self) -> bool {
        self.metadata.kind == Kind::Directory
    }

    /// What tells this content from another one at the same path.
    pub(super) fn fingerprint(&self) -> String {
        let Metadata { size, modified_ms, .. } = self.metadata;
        self.etag.clone().unwrap_or_else(|| format!("{size} bytes at {modified_ms}"))
    }
}

/// Listings and what `stat` shows, for as long as the mount's freshness allows.
#[derive(Debug)]
pub(super) struct Index {
    freshness: Freshness,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    nodes: HashMap<String, (Known, Instant)>,
    listings: HashMap<String, (Arc<Vec<Entry>>, Instant)>,
    generation: u64,
}

/// Taken before the storage is asked: an answer that a change overtook is not kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(u64);

impl Index {
    pub(super) fn new(freshness: Freshness) -> Self {
        Self { freshness, held: Mutex::default() }
    }

    pub(super) fn ask(&self) -> Asked {
        Asked(self.held().generation)
    }

    pub(super) fn node(&self, path: &str) -> Option<Known> {
        let held = self.held();
        held.nodes.get(path).filter(|(_, at)| self.holds(at.elapsed())).map(|(known, _)| known.clone())
    }

    pub(super) fn listing(&self, path: &str) -> Option<Arc<Vec<Entry>>> {
        let held = self.held();
        held.listings.get(path).filter(|(_, at)| self.holds(at.elapsed())).map(|(entries, _)| entries.clone())
    }

    pub(super) fn put_node(&self, asked: Asked, path: &str, known: Known) {
        let mut held = self.held();
        if held.takes(asked) {
            held.nodes.insert(path.to_owned(), (known, Instant::now()));
        }
    }

    pub(super) fn put_listing(&self, asked: Asked, path: &str, entries: Arc<Vec<Entry>>) {
        let mut held = self.held();
        if held.takes(asked) {
            held.listings.insert(path.to_owned(), (entries, Instant::now()));
        }
    }

    /// Something at `path` was changed from here: it and its directory's listing are to be asked for again.
    pub(super) fn changed(&self, path: &str) {
        let mut held = self.held();
        held.generation += 1;
        held.nodes.remove(path);
        held.listings.remove(path);
        held.listings.remove(parent(path));
    }

    /// Forgets `path` and everything below it; gives how many entries that were.
    pub(super) fn forget(&self, path: &str) -> u64 {
        let mut held = self.held();
        let before = held.len();
        held.generation += 1;
        held.nodes.retain(|at, _| at != path && !is_below(at, path));
        held.listings.retain(|at, _| at != path && !is_below(at, path));
        (before - held.len()) as u64
    }

    fn holds(&self, age: Duration) -> bool {
        match self.freshness {
            Freshness::Fresh => false,
            Freshness::Bounded(ttl) => age < ttl,
            Freshness::Pinned => true,
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn len(&self) -> usize {
        self.nodes.len() + self.listings.len()
    }

    fn takes(&mut self, asked: Asked) -> bool {
        if self.len() >= MAX_ENTRIES {
            self.nodes.clear();
            self.listings.clear();
        }
        asked.0 == self.generation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_a_change_overtook_is_not_kept() {
        let index = Index::new(Freshness::Pinned);
        let (early, listing) = (index.ask(), Arc::new(Vec::new()));
        index.put_node(early, "d/f", Known::directory());
        index.put_listing(early, "d", listing.clone());
        assert!(index.node("d/f").is_some() && index.listing("d").is_some());
        index.changed("d/f");
        assert!(index.node("d/f").is_none() && index.listing("d").is_none());
        index.put_node(early, "d/f", Known::directory());
        index.put_listing(early, "d", listing);
        assert!(index.node("d/f").is_none() && index.listing("d").is_none());
    }

    #[test]
    fn freshness_decides_what_is_served() {
        let served = |freshness| {
            let index = Index::new(freshness);
            index.put_node(index.ask(), "f", Known::directory());
            index.node("f").is_some()
        };
        assert!(!served(Freshness::Fresh) && !served(Freshness::Bounded(Duration::ZERO)));
        assert!(served(Freshness::Bounded(Duration::from_secs(60))) && served(Freshness::Pinned));
    }

    #[test]
    fn forgetting_counts_what_was_there() {
        let index = Index::new(Freshness::Pinned);
        for path in ["d", "d/e", "dx"] {
            index.put_node(index.ask(), path, Known::directory());
        }
        index.put_listing(index.ask(), "d", Arc::default());
        assert_eq!((index.forget("d"), index.forget("d"), index.forget("")), (3, 0, 1));
    }
}
