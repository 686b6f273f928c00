//! Memory of workspaces that are gone goes back to the system.

use crate::jobs::Engine;
use crate::process::release_free_memory;
use std::time::Duration;

/// How long after a workspace has gone: time for its jobs to let go of it, and for a row of deletions to end.
const AFTER: Duration = Duration::from_secs(1);

/// Runs as long as the engine lives, beside it.
pub(super) fn look_after(engine: &Engine) {
    let mut count = engine.workspace_count();
    tokio::spawn(async move {
        let mut before = *count.borrow_and_update();
        while count.changed().await.is_ok() {
            let now = *count.borrow_and_update();
            if now < before {
                tokio::time::sleep(AFTER).await;
                let _ = tokio::task::spawn_blocking(release_free_memory).await;
            }
            before = now;
        }
    });
}
