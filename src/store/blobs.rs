//! Contents as files named by their SHA-256: `blobs/ab/ab…`.
//!
//! A blob is there wholly or not at all, and once [`Blobs::keep`] has returned it survives a power cut. Everything here
//! blocks. What refers to a blob is not known here: a caller that is about to refer to one holds a [`Pins`] until it has.

use crate::base::{create_private_dir, sync_dir};
use crate::workspace::Content;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// SHA-256 of a content: its name.
pub(super) type Hash = [u8; 32];

/// How many blobs one call writes at once: enough to hash one while another waits for the disk.
const WRITERS: usize = 4;

/// Prefix of files that are not yet blobs; what follows tells this process's from those of one that was killed.
const UNFINISHED: &str = ".new-";

/// Bytes of new blobs after which those that nothing refers to are looked for. With many blobs it takes half of what there
/// is, so that looking costs little of the writing.
const PATIENCE: u64 = 256 << 20;

/// The directory of blobs.
#[derive(Debug)]
pub(super) struct Blobs {
    dir: PathBuf,
    unfinished: String,
    /// First bytes whose directory exists and survives a power cut.
    durable_dirs: Mutex<HashSet<u8>>,
    /// Blobs that somebody is about to refer to, and how many do.
    pinned: Mutex<HashMap<Hash, usize>>,
    /// Bytes that may still be written before it is worth looking for blobs that nothing refers to.
    until_collected: AtomicU64,
    /// The least of those bytes.
    pub(super) patience: u64,
}

/// Keeps blobs from being removed until it is dropped.
#[derive(Debug)]
pub(super) struct Pins {
    blobs: Arc<Blobs>,
    hashes: Vec<Hash>,
}

impl Drop for Pins {
    fn drop(&mut self) {
        let mut pinned = lock(&self.blobs.pinned);
        for hash in &self.hashes {
            if let Some(count) = pinned.get_mut(hash) {
                *count -= 1;
                if *count == 0 {
                    pinned.remove(hash);
                }
            }
        }
    }
}

impl Blobs {
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        create_private_dir(&dir)?;
        let unfinished = format!("{UNFINISHED}{:016x}-", rand::random::<u64>());
        Ok(Self {
            dir,
            unfinished,
            durable_dirs: Mutex::default(),
            pinned: Mutex::default(),
            until_collected: AtomicU64::new(PATIENCE),
            patience: PATIENCE,
        })
    }

    /// Writes those of `contents` that are not there yet. They stay at least as long as the returned pins.
    pub(super) fn keep(self: &Arc<Self>, contents: &[Content]) -> io::Result<Pins> {
        let next = AtomicUsize::new(0);
        let write_some = || -> io::Result<Pins> {
            let mut pins = Pins { blobs: Arc::clone(self), hashes: Vec::new() };
            while let Some(content) = contents.get(next.fetch_add(1, Ordering::Relaxed)) {
                pins.add(*content.hash());
                self.write(content)?;
            }
            Ok(pins)
        };
        let mut all = write_some_on_threads(contents.len().min(WRITERS), &write_some)?;

        let mut pins = Pins { blobs: Arc::clone(self), hashes: Vec::new() };
        for other in &mut all {
            pins.hashes.append(&mut other.hashes);
        }
        // Also for blobs that were there already: another call may have renamed one and not yet synced its directory.
        for first in pins.hashes.iter().map(|hash| hash[0]).collect::<BTreeSet<_>>() {
            sync_dir(&self.subdir(first))?;
        }
        Ok(pins)
    }

    /// Reads a blob and checks it. The error says what is wrong with which file.
    pub(super) fn read(&self, hash: &Hash, len: u64) -> Result<Content, String> {
        let name = hex::encode(hash);
        let bytes = fs::read(self.path(hash)).map_err(|error| format!("blob {name}: {error}"))?;
        if bytes.len() as u64 != len {
            return Err(format!("blob {name} is damaged: {} bytes instead of {len}", bytes.len()));
        }
        let content = Content::new(bytes);
        if content.hash() != hash {
            return Err(format!("blob {name} is damaged: its content has SHA-256 {}", hex::encode(content.hash())));
        }
        Ok(content)
    }

    /// Whether so much was written since the last [`Blobs::list`] that another look is worth it. Says so once.
    pub(super) fn may_be_many(&self) -> bool {
        let spent = self.until_collected.compare_exchange(0, u64::MAX, Ordering::AcqRel, Ordering::Relaxed);
        spent.is_ok()
    }

    /// Every blob that is there. What a killed process left unfinished is removed.
    pub(super) fn list(&self) -> io::Result<Vec<Hash>> {
        let mut found = Vec::new();
        let mut bytes = 0;
        for subdir in fs::read_dir(&self.dir)? {
            let subdir = subdir?;
            if !subdir.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(subdir.path())? {
                let file = file?;
                let name = file.file_name();
                let Some(name) = name.to_str() else { continue };
                if name.starts_with(UNFINISHED) && !name.starts_with(&self.unfinished) {
                    remove(&file.path())?;
                    continue;
                }
                let mut hash = Hash::default();
                if hex::decode_to_slice(name, &mut hash).is_ok() {
                    found.push(hash);
                    // One that goes meanwhile has no length any more.
                    bytes += file.metadata().map_or(0, |metadata| metadata.len());
                }
            }
        }
        self.until_collected.store(self.patience.max(bytes / 2), Ordering::Release);
        Ok(found)
    }

    /// Removes those of `hashes` that nobody has pinned; returns how many. The caller holds off new references meanwhile.
    pub(super) fn remove_unpinned(&self, hashes: &[Hash]) -> io::Result<usize> {
        let mut removed = 0;
        for hash in hashes {
            // Held while removing: who pins it afterwards finds it gone and writes it anew.
            let pinned = lock(&self.pinned);
            if pinned.contains_key(hash) {
                continue;
            }
            removed += usize::from(remove(&self.path(hash))?);
        }
        Ok(removed)
    }

    fn write(&self, content: &Content) -> io::Result<()> {
        let path = self.path(content.hash());
        // A length that differs is a damaged file, and the right bytes are at hand.
        if fs::metadata(&path).is_ok_and(|found| found.len() == content.bytes().len() as u64) {
            return Ok(());
        }
        let dir = self.durable_subdir(content.hash()[0])?;
        let mut file = tempfile::Builder::new().prefix(&self.unfinished).tempfile_in(dir)?;
        file.write_all(content.bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|failed| failed.error)?;
        let written = content.bytes().len() as u64;
        let less = |left: u64| Some(if left == u64::MAX { left } else { left.saturating_sub(written) });
        let _ = self.until_collected.fetch_update(Ordering::AcqRel, Ordering::Relaxed, less);
        Ok(())
    }

    fn durable_subdir(&self, first: u8) -> io::Result<PathBuf> {
        let dir = self.subdir(first);
        let mut durable = lock(&self.durable_dirs);
        if !durable.contains(&first) {
            create_private_dir(&dir)?;
            sync_dir(&self.dir)?;
            durable.insert(first);
        }
        Ok(dir)
    }

    fn subdir(&self, first: u8) -> PathBuf {
        self.dir.join(format!("{first:02x}"))
    }

    /// Where the blob of that hash is.
    pub(super) fn path(&self, hash: &Hash) -> PathBuf {
        self.subdir(hash[0]).join(hex::encode(hash))
    }
}

impl Pins {
    fn add(&mut self, hash: Hash) {
        *lock(&self.blobs.pinned).entry(hash).or_default() += 1;
        self.hashes.push(hash);
    }
}

/// Removes a file; says whether it was there.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_some_on_threads(threads: usize, write_some: &(dyn Fn() -> io::Result<Pins> + Sync)) -> io::Result<Vec<Pins>> {
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(write_some)).collect();
        let mut results = vec![write_some()];
        results.extend(
            others
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|_| Err(io::Error::other("a writer of blobs panicked")))),
        );
        results.into_iter().collect()
    })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is a single step, so a panic elsewhere leaves nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
