//! From blocking calls to the storage library, which is asynchronous.
//!
//! A runtime of its own: a script thread runs inside another one and could not wait on that, and storage that hangs must
//! not hold up the workers that everything else runs on.

use std::io;
use std::sync::mpsc;
use tokio::runtime::{Builder, Runtime};

/// Workers: they only move bytes between sockets and memory.
const WORKERS: usize = 2;

/// The runtime that remote mounts share.
#[derive(Debug)]
pub(super) struct Bridge {
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

impl Bridge {
    /// # Errors
    /// When the host gives no threads.
    pub(super) fn new() -> io::Result<Self> {
        let runtime =
            Builder::new_multi_thread().worker_threads(WORKERS).thread_name("remote-mounts").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Waits for `work`, blocking the thread, which may be one of another runtime's blocking ones.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = io::Result<T>> + Send + 'static,
    ) -> io::Result<T> {
        let ended = || io::Error::other("the storage call did not end as it should");
        let runtime = self.runtime.as_ref().ok_or_else(ended)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            // The one who waits may be gone only together with its thread.
            let _ = sender.send(work.await);
        });
        receiver.recv().map_err(|_| ended())?
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // Dropping a runtime waits, which is not allowed on a runtime's worker, where the last mount may end.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
