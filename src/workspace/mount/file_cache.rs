//! Contents of remote files that a workspace has read or written, the least recently used given up first.

use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A mount's prefix and a path in it.
type Key = (Arc<str>, String);

/// Whole files of all remote mounts of a workspace. Each has the fingerprint (an ETag, or a size and a time) that the
/// storage gave for it, and is only served for that one.
#[derive(Debug)]
pub struct FileCache {
    limit: u64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    files: HashMap<Key, File>,
    /// When each was last used, oldest first.
    by_age: BTreeMap<u64, Key>,
    bytes: u64,
    clock: u64,
}

#[derive(Debug)]
struct File {
    content: Bytes,
    fingerprint: String,
    used: u64,
}

impl FileCache {
    /// A cache of at most so many bytes.
    pub fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    /// The content, when it is the one with that fingerprint.
    pub fn get(&self, mount: &Arc<str>, path: &str, fingerprint: &str) -> Option<Bytes> {
        let mut held = self.held();
        let held = &mut *held;
        let key = (mount.clone(), path.to_owned());
        let file = held.files.get_mut(&key).filter(|file| file.fingerprint == fingerprint)?;
        held.clock += 1;
        held.by_age.remove(&file.used);
        file.used = held.clock;
        held.by_age.insert(held.clock, key);
        Some(file.content.clone())
    }

    /// Keeps a content, unless it alone is over the limit.
    pub fn put(&self, mount: &Arc<str>, path: &str, fingerprint: &str, content: Bytes) {
        let mut held = self.held();
        let key = (mount.clone(), path.to_owned());
        held.remove(&key);
        let size = content.len() as u64;
        if size > self.limit {
            return;
        }
        while held.bytes + size > self.limit {
            let Some(oldest) = held.by_age.values().next().cloned() else { break };
            held.remove(&oldest);
        }
        held.clock += 1;
        let used = held.clock;
        held.bytes += size;
        held.by_age.insert(used, key.clone());
        held.files.insert(key, File { content, fingerprint: fingerprint.to_owned(), used });
    }

    /// Forgets the file at `path`, or with `below` also every one below it; the root is `""`. Gives their number.
    pub fn forget(&self, mount: &Arc<str>, path: &str, below: bool) -> u64 {
        let mut held = self.held();
        let mut gone = vec![(mount.clone(), path.to_owned())];
        if below {
            let is_below = |key: &&Key| key.0 == *mount && super::filesystem::is_below(&key.1, path);
            gone.extend(held.files.keys().filter(is_below).cloned());
        }
        gone.iter().map(|key| u64::from(held.remove(key))).sum()
    }

    /// Bytes and files that are cached.
    pub fn usage(&self) -> (u64, u64) {
        let held = self.held();
        (held.bytes, held.files.len() as u64)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn remove(&mut self, key: &Key) -> bool {
        let Some(file) = self.files.remove(key) else { return false };
        self.by_age.remove(&file.used);
        self.bytes -= file.content.len() as u64;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_goes_first_and_what_is_too_large_is_not_kept() {
        let (cache, mount) = (FileCache::new(10), Arc::from("/m/"));
        for name in ["a", "b", "c"] {
            cache.put(&mount, name, "1", "xxx".into());
        }
        assert!(cache.get(&mount, "a", "1").is_some());
        cache.put(&mount, "d", "1", "xxx".into());
        assert!(cache.get(&mount, "b", "1").is_none() && cache.get(&mount, "a", "1").is_some());
        cache.put(&mount, "e", "1", vec![0; 11].into());
        assert_eq!(cache.usage(), (9, 3));
        cache.put(&mount, "a", "2", "y".into());
        assert!(cache.get(&mount, "a", "1").is_none());
        assert_eq!(cache.get(&mount, "a", "2").unwrap(), "y");
        assert_eq!(cache.usage(), (7, 3));
    }

    #[test]
    fn forgetting_stays_in_its_mount_and_its_directory() {
        let (cache, mount, other) = (FileCache::new(100), Arc::from("/m/"), Arc::from("/n/"));
        for name in ["d", "d/e", "d/e/f", "dx"] {
            cache.put(&mount, name, "1", "x".into());
        }
        cache.put(&other, "d/e", "1", "x".into());
        assert_eq!(cache.forget(&mount, "d", true), 3);
        assert_eq!(cache.forget(&mount, "nothing", false), 0);
        assert_eq!(cache.forget(&mount, "", true), 1);
        assert_eq!(cache.usage(), (1, 1));
    }
}
