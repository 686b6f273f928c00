//! Takes in the jobs that a poll brought: journals them, refuses what cannot be run, and lets the others live.

use super::admit::{admit, request};
use super::execute::Unready;
use super::journal::{Claim, Claimed, Journal, JournalError, epoch};
use super::results;
use super::shared::Shared;
use super::start::{Begin, begin};
use crate::base::unix_ms;
use crate::jobs::RunContext;
use crate::wire::node::Job;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How long the gateway waits for a result when it does not say: a day.
const EXPIRES_MS: u64 = 24 * 3600 * 1000;
/// The same when a caller waits.
const EXPIRES_DIRECT_MS: u64 = 10 * 60 * 1000;

/// What it takes to run jobs.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) shared: Arc<Shared>,
    pub(super) journal: Journal,
    pub(super) jobs: TaskTracker,
}

impl Work {
    /// Takes in what a poll brought: journals the claims in one transaction, then lets them run.
    ///
    /// # Errors
    /// When the journal does not take them. None of the durable ones is run then; the gateway hands them out again.
    pub(super) async fn take(&self, jobs: Vec<Job>) -> Result<(), JournalError> {
        let (durable, direct): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.durable.unwrap_or(true));
        for job in direct {
            self.take_direct(job);
        }
        if durable.is_empty() {
            return Ok(());
        }
        let claims: Vec<_> = durable.into_iter().map(|job| self.claim(job)).collect();
        let claimed = self.journal.claim(claims.clone()).await?;
        for (claim, claimed) in claims.into_iter().zip(claimed) {
            self.take_claim(claim, claimed);
        }
        Ok(())
    }

    fn claim(&self, job: Job) -> Claim {
        let refusal = admit(&job, &self.shared.node_id).err();
        let refusal = refusal.map(|refusal| {
            tracing::info!(job = %job.job_id, code = refusal.code, "refused: {}", refusal.message);
            results::refused(&self.shared.node_id, &job, &refusal)
        });
        Claim { deadline_ms: deadline(&job), job, refusal }
    }

    fn take_claim(&self, claim: Claim, claimed: Claimed) {
        let Claim { job, deadline_ms, refusal } = claim;
        match claimed {
            Claimed::New if refusal.is_some() => self.deliver(&job, deadline_ms, unix_ms()),
            Claimed::New => self.begin_durable(job, deadline_ms, false),
            Claimed::Ended => self.deliver(&job, deadline_ms, unix_ms()),
            Claimed::Adopted { begun } => self.adopt(job, deadline_ms, begun),
            Claimed::Known => tracing::debug!(job = %job.job_id, "handed out again, already here"),
        }
    }

    /// Runs a claimed job. `begun` says that a run before this one had begun it.
    pub(super) fn begin_durable(&self, job: Job, deadline_ms: i64, begun: bool) {
        let Some(entry) = self.shared.running.add(&job.job_id, job.lease.clone()) else { return };
        let slot = self.shared.slots.try_take();
        let work = self.clone();
        self.jobs.spawn(async move {
            work.run_durable(job, &entry, slot, deadline_ms, begun).await;
        });
    }

    /// The gateway handed out a job again that runs here: it is not run twice, but belongs to the newer attempt now.
    fn adopt(&self, job: Job, deadline_ms: i64, begun: bool) {
        let Some(entry) = self.shared.running.adopt(&job.job_id, job.lease.clone()) else {
            // Its earlier attempt was dropped before it began, though the journal still had it.
            if !begun {
                self.begin_durable(job, deadline_ms, false);
            }
            return;
        };
        tracing::info!(job = %job.job_id, epoch = epoch(&job), "handed out again while it runs: continuing as that attempt");
        if entry.has_begun() {
            let shared = self.shared.clone();
            self.jobs.spawn(async move {
                if let Begin::Dropped(why) = begin(&shared, &entry, &job).await {
                    tracing::warn!(job = %job.job_id, why, "the newer attempt is not ours");
                }
            });
        }
    }

    /// A caller waits and will ask again if this fails: no journal, no `/start`, no events.
    fn take_direct(&self, job: Job) {
        if let Err(refusal) = admit(&job, &self.shared.node_id) {
            let result = results::refused(&self.shared.node_id, &job, &refusal);
            let memory = Some((Bytes::from(results::bytes(&result)), None));
            return self.enqueue(&job.job_id, job.lease.clone(), deadline(&job), memory);
        }
        let Some(entry) = self.shared.running.add(&job.job_id, job.lease.clone()) else {
            return self.adopt_direct(&job);
        };
        let slot = self.shared.slots.try_take();
        let work = self.clone();
        self.jobs.spawn(async move {
            let (result, spooled, slot) = match work.prepare(&job, &entry, slot).await {
                Ok(_) if !entry.begin() => return work.shared.running.remove(&job.job_id),
                Ok((slot, body)) => {
                    let timeout = job.timeout_ms.map(Duration::from_millis);
                    let context = RunContext { cancel: entry.token.clone(), timeout, ..RunContext::default() };
                    let (result, spooled) = work.run(&job, &entry, request(&job, body), context, false).await;
                    (result, spooled, slot)
                }
                Err(Unready::Ended(result)) => (*result, None, None),
                Err(Unready::Dropped(_)) => return work.shared.running.remove(&job.job_id),
            };
            work.shared.running.remove(&job.job_id);
            work.shared.note_end(&result);
            drop(slot);
            let memory = Some((Bytes::from(results::bytes(&result)), spooled));
            work.enqueue(&job.job_id, entry.lease(), deadline(&job), memory);
        });
    }

    fn adopt_direct(&self, job: &Job) {
        if let Some(entry) = self.shared.running.get(&job.job_id)
            && epoch(job) > entry.epoch()
        {
            self.shared.running.adopt(&job.job_id, job.lease.clone());
        }
    }
}

/// When nobody wants the job's result any more, on the wall clock, because the journal outlives the process.
fn deadline(job: &Job) -> i64 {
    let unsaid = if job.durable.unwrap_or(true) { EXPIRES_MS } else { EXPIRES_DIRECT_MS };
    let wait = i64::try_from(job.expires_ms.unwrap_or(unsaid)).unwrap_or(i64::MAX);
    unix_ms().saturating_add(wait)
}
