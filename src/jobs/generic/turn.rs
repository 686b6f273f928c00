//! What is due with time: retries, deadlines, old files. One task as long as somebody has the queue.

use super::dispatch::dispatch;
use super::jobs::Inner;
use super::table::Table;
use crate::base::unix_ms;
use crate::wire::node::generic::{GenericEventType, GenericState};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks for old files.
const SWEEP: Duration = Duration::from_secs(600);
/// The longest time until the next look at the queue.
const LONGEST: Duration = Duration::from_secs(30);

/// Looks until the queue is gone.
pub(super) async fn run(queue: Weak<Inner>) {
    let mut sweep_at = Instant::now();
    loop {
        let Some(inner) = queue.upgrade() else { return };
        let pause = turn(&inner);
        if Instant::now() >= sweep_at {
            sweep_at = Instant::now() + SWEEP;
            sweep(&inner).await;
        }
        let changed = inner.changed.notified();
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Does what is due, and says when to look again.
pub(super) fn turn(inner: &Arc<Inner>) -> Duration {
    let mut table = inner.lock();
    let now = unix_ms();
    requeue(&mut table, now);
    dispatch(inner, &mut table);
    let due =
        table.entries.values().filter(|entry| !super::lifecycle::is_end(entry.record.state)).filter_map(|entry| {
            let running = entry.record.state == GenericState::Running;
            [entry.retry_ms, entry.deadline_ms.filter(|_| !running).map(|deadline| deadline + 1)]
                .into_iter()
                .flatten()
                .min()
        });
    let wait = due.min().map_or(LONGEST, |due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0)));
    wait.clamp(Duration::from_millis(5), LONGEST)
}

fn requeue(table: &mut Table, now: i64) {
    let due: Vec<String> = (table.entries.iter())
        .filter(|(_, entry)| entry.record.state == GenericState::Retrying && entry.retry_ms.is_some_and(|at| at <= now))
        .map(|(id, _)| id.clone())
        .collect();
    for id in due {
        if let Some(entry) = table.entries.get_mut(&id)
            && entry.go(GenericState::Queued)
        {
            entry.retry_ms = None;
            entry.queued_ms = now;
            entry.record.queued_at = super::clock::iso(now);
            entry.record.retry.next_retry_at = None;
            entry.feed.event(GenericEventType::Queued, None, None);
            table.note(&id, "job_queued", None);
        }
    }
}

async fn sweep(inner: &Arc<Inner>) {
    let store = inner.store.clone();
    if !inner.options.artifact_store.exists() {
        return;
    }
    let swept = tokio::task::spawn_blocking({
        let inner = inner.clone();
        move || store.sweep(|| inner.lock().running.keys().cloned().collect())
    });
    if let Ok(Err(error)) = swept.await {
        tracing::warn!(%error, "old artifacts cannot be removed");
    }
}
