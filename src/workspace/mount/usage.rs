//! How much the `ram` mounts of a workspace hold.

use super::filesystem::errno;
use crate::workspace::Sizes;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the `ram` mounts of one workspace hold together, and what they may.
#[derive(Debug)]
pub struct Usage {
    held: AtomicU64,
    sizes: Sizes,
}

impl Usage {
    /// Nothing held yet.
    pub fn new(sizes: Sizes) -> Arc<Self> {
        Arc::new(Self { held: AtomicU64::new(0), sizes })
    }

    /// The limits. That of entries is for each mount, not for all together.
    pub fn limits(&self) -> Sizes {
        self.sizes
    }

    /// Bytes held now.
    #[cfg(test)]
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts bytes that are there whatever the limits.
    pub fn add(&self, bytes: u64) {
        self.held.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that are gone.
    pub fn give_back(&self, bytes: u64) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Accounts for a file that goes from `before` to `after` bytes, or refuses.
    pub fn resize(&self, before: u64, after: u64) -> io::Result<()> {
        if after <= before {
            self.give_back(before - after);
            return Ok(());
        }
        if after > self.sizes.max_file_bytes {
            return Err(errno(ErrorKind::FileTooLarge));
        }
        self.held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                held.checked_add(after - before).filter(|held| *held <= self.sizes.max_bytes)
            })
            .map(drop)
            .map_err(|_| errno(ErrorKind::StorageFull))
    }
}
