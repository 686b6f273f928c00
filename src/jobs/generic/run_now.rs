//! Runs a job at once, for a caller who waits for it. It takes one of the slots that queued jobs have, and is forgotten when
//! it has ended.

use super::dispatch::{dispatch, panicked};
use super::feed::Feed;
use super::jobs::GenericJobs;
use super::lifecycle;
use super::refusal::GenericRefusal;
use super::run::Run;
use super::submit::{Submission, admit};
use super::table::Active;
use crate::wire::node::Timing;
use crate::wire::node::generic::{GenericEvent, GenericEventType, GenericExecution};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A job that runs. Letting go of it ends the job.
#[derive(Debug)]
pub struct RunNow {
    /// What happens, as it happens; closed at the end.
    pub events: mpsc::UnboundedReceiver<GenericEvent>,
    /// How it ended.
    pub done: oneshot::Receiver<GenericExecution>,
    /// Ends the job when it is dropped.
    pub guard: DropGuard,
}

impl GenericJobs {
    /// Starts a job. `permit` is asked last.
    ///
    /// # Errors
    /// [`GenericRefusal`]; [`GenericRefusal::Busy`] when no slot is free.
    pub fn run_now(&self, submission: Submission, permit: impl FnOnce() -> bool) -> Result<RunNow, GenericRefusal> {
        let id = submission.envelope.job_id.clone();
        self.not_running(&id)?;
        let job = Arc::new(admit(&submission)?);
        let cancel = CancellationToken::new();
        let (listener, events) = mpsc::unbounded_channel();
        let feed = Arc::new(Feed::new(&id, Some(listener)));
        let mut table = self.0.lock();
        if table.draining {
            return Err(GenericRefusal::Draining);
        }
        if table.running.contains_key(&id) {
            return Err(GenericRefusal::AlreadyRunning);
        }
        if table.running.len() >= self.0.options.max_concurrency.max(1) {
            return Err(GenericRefusal::Busy);
        }
        if !permit() {
            return Err(GenericRefusal::NotPermitted);
        }
        let request_id = submission.envelope.request_id;
        let active = Active {
            request_id: request_id.clone(),
            job_type: job.kind.job_type,
            tenant_id: job.tenant_id.clone(),
            cancel: cancel.clone(),
        };
        table.running.insert(id.clone(), active);
        table.audit.add(&id, &job.tenant_id, "job_started", Some("for a caller who waits".to_owned()));
        drop(table);
        let run = Run {
            job_id: id.clone(),
            feed: feed.clone(),
            store: self.0.store.clone(),
            runners: self.0.runners.clone(),
            timeout: self.0.options.timeout,
            cancel: cancel.clone(),
            job: job.clone(),
        };
        let (tell, done) = oneshot::channel();
        let inner = self.0.clone();
        feed.event(GenericEventType::Queued, None, None);
        feed.event(GenericEventType::Scheduled, None, None);
        tokio::spawn(async move {
            let begun = Instant::now();
            let result = tokio::spawn(run.run()).await.unwrap_or_else(|_| panicked(&id));
            let took = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let mut table = inner.lock();
            table.running.remove(&id);
            let code = result.error.as_ref().map(|error| error.code.clone());
            table.audit.add(&id, &job.tenant_id, "job_completed", code);
            dispatch(&inner, &mut table);
            drop(table);
            inner.changed.notify_waiters();
            let _ = tell.send(GenericExecution {
                job_id: id,
                request_id,
                status: result.status,
                result,
                events: feed.events(),
                validation_issues: Vec::new(),
                timing: Timing { local_latency_ms: took },
            });
        });
        Ok(RunNow { events, done, guard: cancel.drop_guard() })
    }

    fn not_running(&self, id: &str) -> Result<(), GenericRefusal> {
        let table = self.0.lock();
        let waits = table.entries.get(id).is_some_and(|entry| !lifecycle::is_end(entry.record.state));
        if waits || table.running.contains_key(id) { Err(GenericRefusal::AlreadyRunning) } else { Ok(()) }
    }
}
