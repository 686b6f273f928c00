//! Removes blobs that no row refers to, without ever racing with a change that is about to refer to one.

use super::blobs::Hash;
use super::sqlite::{Inner, blocking, failed};
use crate::base::Durability;
use crate::workspace::StoreError;
use std::sync::Arc;

/// Blobs looked at while the writer is held, so that nobody waits for long.
const BATCH: usize = 256;

impl Inner {
    /// Removes those of `candidates` that no row refers to and nobody has pinned; returns how many.
    ///
    /// The writer is held from the look at the rows to the removal: a reference that was committed before is seen, and one
    /// that will be committed after is pinned since before its blob was looked for.
    pub(super) async fn collect(self: &Arc<Self>, candidates: Vec<Hash>) -> Result<usize, StoreError> {
        let mut removed = 0;
        for batch in candidates.chunks(BATCH) {
            let mut guard = self.database.write(Durability::Power).await.map_err(failed("collect blobs"))?;
            let mut transaction = guard.begin().await.map_err(failed("collect blobs"))?;
            let mut unused = Vec::new();
            for hash in batch {
                let used: bool =
                    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE kind = 3 AND body = ?1)")
                        .bind(hash.to_vec())
                        .fetch_one(&mut *transaction)
                        .await
                        .map_err(failed("collect blobs"))?;
                if !used {
                    unused.push(*hash);
                }
            }
            let blobs = Arc::clone(&self.blobs);
            removed += blocking("collect blobs", move || blobs.remove_unpinned(&unused)).await?;
        }
        Ok(removed)
    }

    /// [`Inner::collect`] over every blob there is.
    pub(super) async fn collect_all(self: &Arc<Self>) -> Result<usize, StoreError> {
        let blobs = Arc::clone(&self.blobs);
        let all = blocking("list blobs", move || blobs.list()).await?;
        self.collect(all).await
    }

    /// [`Inner::collect_all`] while the caller goes on, when much was written since the last time: a file that changes
    /// leaves its earlier content behind.
    pub(super) fn collect_at_times(self: &Arc<Self>) {
        if !self.blobs.may_be_many() {
            return;
        }
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            match inner.collect_all().await {
                Ok(blobs) => tracing::debug!(blobs, "unused blobs removed"),
                Err(error) => tracing::warn!(%error, "unused blobs stay until the next start"),
            }
        });
    }

    /// [`Inner::collect`] while the caller goes on; a failure costs only disk space, and the next start tries again.
    pub(super) fn collect_later(self: &Arc<Self>, candidates: Vec<Hash>) {
        if candidates.is_empty() {
            return;
        }
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = inner.collect(candidates).await {
                tracing::warn!(%error, "unused blobs stay until the next start");
            }
        });
    }
}
