//! The engine: takes a request, answers with an outcome. Cheap to clone; every door of a node holds one.

use super::inside;
use super::operations;
use super::outcome::{Outcome, RunContext};
use super::policy::Policy;
use super::stop::Stop;
use super::table::JobTable;
use super::upload::Upload;
use crate::base::DatabaseError;
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use crate::workspace::snapshot::LoadLimits;
use crate::workspace::{Versions, Workspaces};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long cancelled jobs may take to end when the engine does. A script takes two seconds at most, then its output has
/// to be written.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an engine is made of.
pub struct EngineOptions {
    /// The workspaces that operations work on.
    pub workspaces: Workspaces,
    /// Keeps versions; none refuses the operations that need them.
    pub versions: Option<Arc<dyn Versions>>,
    /// Where background jobs are kept; none keeps them in memory.
    pub jobs_db: Option<PathBuf>,
    /// The owner's rules.
    pub policy: Policy,
    /// Background jobs that may run at the same time; more are refused as too many requests.
    pub max_background: usize,
    /// Limits on archives that are loaded, where those on workspaces are not stricter.
    pub load_limits: LoadLimits,
}

impl EngineOptions {
    /// The default owner's policy and limits, everything in memory, no versions.
    pub fn new(workspaces: Workspaces) -> Self {
        Self {
            workspaces,
            versions: None,
            jobs_db: None,
            policy: Policy::default(),
            max_background: 256,
            load_limits: LoadLimits::default(),
        }
    }
}

/// Runs operations.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(super) struct Inner {
    pub(super) workspaces: Workspaces,
    pub(super) versions: Option<Arc<dyn Versions>>,
    pub(super) jobs: JobTable,
    pub(super) policy: Policy,
    pub(super) max_background: usize,
    pub(super) load_limits: LoadLimits,
    pub(super) started: Instant,
    /// Background jobs.
    pub(super) tasks: TaskTracker,
    /// Cancelled when nothing new is taken.
    pub(super) closed: CancellationToken,
    /// Held for reading by every operation that runs; taken for writing to close an engine that nobody uses.
    in_use: RwLock<()>,
}

impl Engine {
    /// Opens the table of jobs. Background jobs that ran when the last process ended are marked as lost.
    ///
    /// # Errors
    /// When the table cannot be opened.
    pub async fn open(options: EngineOptions) -> Result<Self, DatabaseError> {
        let sizes = options.workspaces.sizes();
        Ok(Self(Arc::new(Inner {
            jobs: JobTable::open(options.jobs_db.as_deref()).await?,
            workspaces: options.workspaces,
            versions: options.versions,
            policy: options.policy,
            max_background: options.max_background,
            load_limits: options.load_limits.within(sizes),
            started: Instant::now(),
            tasks: TaskTracker::new(),
            closed: CancellationToken::new(),
            in_use: RwLock::new(()),
        })))
    }

    /// Runs one operation to its end. What an operation changes is not cut in the middle when the returned future is
    /// dropped: that only stops the waiting. Use the context to end it.
    pub async fn run(&self, request: OperationRequest, context: RunContext) -> Outcome {
        self.run_with(request, None, context).await
    }

    /// [`Engine::run`] for a `workspaces.load` whose archive comes while it is read. It takes the place of the request's
    /// body; other operations do not look at it.
    pub async fn load(&self, request: OperationRequest, archive: Upload, context: RunContext) -> Outcome {
        self.run_with(request, Some(archive), context).await
    }

    async fn run_with(&self, request: OperationRequest, upload: Option<Upload>, context: RunContext) -> Outcome {
        if let Err(failure) = self.allows(&request.operation) {
            return failure.into();
        }
        let inner = self.0.clone();
        let stop = Stop::of(&context);
        let task = tokio::spawn(async move {
            let _in_use = inner.in_use.read().await;
            if inner.closed.is_cancelled() {
                return Err(Failure::new(ErrorCode::Draining, "the node is shutting down and takes nothing new"));
            }
            stop.check()?;
            if context.inside_only {
                inside::check_request(&inner, &request, &context).await?;
            }
            operations::run(&inner, request, upload, &context, &stop).await
        });
        match task.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(failure)) => failure.into(),
            Err(error) => super::failure::task(&error).into(),
        }
    }

    /// Whether the owner's policy allows an operation at all; for operations that a door carries out itself.
    ///
    /// # Errors
    /// [`ErrorCode::RefusedByPolicy`].
    pub fn allows(&self, operation: &str) -> Result<(), Failure> {
        self.0.policy.check_operation(operation)
    }

    /// Keeps the engine from [`Engine::close_if_unused`] for a request that is still coming.
    pub async fn hold(&self) -> impl Drop + '_ {
        self.0.in_use.read().await
    }

    /// The longest archive that is loaded, bytes.
    pub fn max_archive_bytes(&self) -> u64 {
        self.0.load_limits.max_archive_bytes()
    }

    /// The number of workspaces, and every change of it.
    pub fn workspace_count(&self) -> watch::Receiver<usize> {
        self.0.workspaces.count()
    }

    /// Takes nothing new from now on if there is no workspace and no operation runs; false, and nothing changes, if there
    /// is. What was answered with success is never closed away by this.
    pub fn close_if_unused(&self) -> bool {
        let Ok(_alone) = self.0.in_use.try_write() else { return false };
        if self.workspaces() > 0 {
            return false;
        }
        self.0.closed.cancel();
        true
    }

    /// Number of workspaces.
    pub fn workspaces(&self) -> usize {
        self.0.workspaces.list().len()
    }

    /// Number of jobs that run, waited for or not.
    pub fn running_jobs(&self) -> usize {
        self.0.jobs.running_count()
    }

    /// Takes nothing new, lets background jobs run on for `grace`, then cancels what still runs and waits for its end.
    pub async fn shutdown(&self, grace: Duration) {
        self.0.closed.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(grace, self.0.tasks.wait()).await.is_ok() && self.running_jobs() == 0 {
            return;
        }
        let ended = async {
            for job in self.0.jobs.cancel_running(|_| true) {
                job.finished().await;
            }
            self.0.tasks.wait().await;
        };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!(jobs = self.running_jobs(), "jobs did not end in time");
        }
    }
}
