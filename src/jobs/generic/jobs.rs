//! The queue of generic jobs.

use super::artifacts::ArtifactStore;
use super::echo::Echo;
use super::options::GenericOptions;
use super::refusal::ArtifactError;
use super::runner::Runner;
use super::table::Table;
use super::{catalogue, turn};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The queue, its runs and their files. Clones are the same queue.
#[derive(Clone)]
pub struct GenericJobs(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) options: GenericOptions,
    pub(super) store: Arc<ArtifactStore>,
    pub(super) runners: Arc<[Box<dyn Runner>]>,
    table: Mutex<Table>,
    /// Something is due sooner than was thought, or a run ended.
    pub(super) changed: Notify,
}

impl GenericJobs {
    /// An empty queue. Old artifacts are removed from now on. Needs a runtime around it.
    pub fn new(options: GenericOptions) -> Self {
        Self::with_runners(options, vec![Box::new(Echo)])
    }

    pub(super) fn with_runners(options: GenericOptions, runners: Vec<Box<dyn Runner>>) -> Self {
        let mut table = Table::default();
        table.audit.most = options.max_audit;
        let inner = Arc::new(Inner {
            store: Arc::new(ArtifactStore::new(&options)),
            options,
            runners: runners.into(),
            table: Mutex::new(table),
            changed: Notify::new(),
        });
        tokio::spawn(turn::run(Arc::downgrade(&inner)));
        Self(inner)
    }

    /// The types of jobs that this node can run.
    pub fn job_types(&self) -> Vec<&'static str> {
        catalogue::offered(|runner| self.0.runners.iter().any(|known| known.id() == runner))
    }

    /// The longest upload, bytes before base64.
    pub fn max_upload_bytes(&self) -> u64 {
        self.0.options.max_upload_bytes
    }

    /// Takes nothing new and begins nothing that waits.
    pub fn drain(&self) {
        self.0.lock().draining = true;
    }

    /// Takes nothing new, lets what runs end for so long, and ends the rest.
    pub async fn shutdown(&self, grace: Duration) {
        self.drain();
        let ended = async || loop {
            let changed = self.0.changed.notified();
            if self.0.lock().running.is_empty() {
                return;
            }
            changed.await;
        };
        if tokio::time::timeout(grace, ended()).await.is_err() {
            for active in self.0.lock().running.values() {
                active.cancel.cancel();
            }
            // A run that is cancelled ends at its next step.
            let _ = tokio::time::timeout(Duration::from_secs(2), ended()).await;
        }
    }
}

impl Inner {
    pub(super) fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Work with files, on a thread that may block.
    pub(super) async fn with_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ArtifactStore) -> Result<T, ArtifactError> + Send + 'static,
    ) -> Result<T, ArtifactError> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.unwrap_or_else(|_| {
            Err(ArtifactError::of_host(&std::io::Error::other("a thread panicked"), "the store of artifacts"))
        })
    }
}

impl fmt::Debug for GenericJobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenericJobs").field("options", &self.0.options).finish_non_exhaustive()
    }
}
