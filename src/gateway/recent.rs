//! A cache of store reads that may be at most a second old, so that a busy key or node costs one read per second.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How old an entry may be. What changes in this process is forgotten at once; this bounds what another process (a CLI on
/// the same store, another gateway) changed.
const MAX_AGE: Duration = Duration::from_secs(1);
/// Beyond this many entries, old ones are swept.
const SWEEP_AT: usize = 20_000;

/// Values read a moment ago.
#[derive(Debug)]
pub(crate) struct Recent<K, V>(Mutex<HashMap<K, (Instant, V)>>);

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(read, _)| read.elapsed() < MAX_AGE).map(|(_, value)| value.clone())
    }

    pub(crate) fn put(&self, key: K, value: V) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= SWEEP_AT {
            entries.retain(|_, (read, _)| read.elapsed() < MAX_AGE);
        }
        entries.insert(key, (Instant::now(), value));
    }

    pub(crate) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
