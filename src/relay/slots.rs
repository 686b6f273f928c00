//! How many jobs run at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The node's slots. A job has one from its claim until its end is in the journal.
#[derive(Debug)]
pub(super) struct Slots {
    total: u32,
    free: Arc<Semaphore>,
    queued: AtomicU32,
}

impl Slots {
    pub(super) fn new(total: u32) -> Self {
        let total = total.max(1);
        Self { total, free: Arc::new(Semaphore::new(total as usize)), queued: AtomicU32::new(0) }
    }

    pub(super) fn total(&self) -> u32 {
        self.total
    }

    pub(super) fn free(&self) -> u32 {
        u32::try_from(self.free.available_permits()).unwrap_or(0).min(self.total)
    }

    pub(super) fn active(&self) -> u32 {
        self.total - self.free()
    }

    /// Jobs that a gateway handed out beyond the free slots.
    pub(super) fn queued(&self) -> u32 {
        self.queued.load(Ordering::Relaxed)
    }

    /// A slot now, or none.
    pub(super) fn try_take(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().try_acquire_owned().ok()
    }

    /// A slot, first come first served.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        let _queued = Queued::new(&self.queued);
        // Never closed, so never an error.
        self.free.clone().acquire_owned().await.ok()
    }

    /// Waits until one is free.
    pub(super) async fn any_free(&self) {
        let _ = self.free.acquire().await;
    }
}

/// Counts a waiting job, also when it stops waiting early.
struct Queued<'a>(&'a AtomicU32);

impl<'a> Queued<'a> {
    fn new(counter: &'a AtomicU32) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
