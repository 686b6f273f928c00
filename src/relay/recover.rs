//! After a restart: what the journal says about the jobs of the run before.

use super::admit::repeatable;
use super::claims::Work;
use super::error::RelayError;
use super::journal::{Attempt, JournalError, Phase};
use super::results;
use crate::base::unix_ms;
use crate::wire::node::{LeaseClaim, LeaseState, LeaseStatus, RenewRequest};
use std::collections::{HashMap, HashSet};

/// What the journal held at the start.
pub(super) struct Recovery {
    /// Ended: to be sent.
    pub(super) ended: Vec<Attempt>,
    /// Not ended: to be asked about.
    pub(super) open: Vec<Attempt>,
    /// Refused by the gateway for good.
    pub(super) undeliverable: u64,
}

impl Recovery {
    /// Reads the journal, and clears away bodies that no result names.
    pub(super) async fn read(work: &Work) -> Result<Self, RelayError> {
        let keep = i64::try_from(work.shared.intervals.keep_undeliverable.as_millis()).unwrap_or(i64::MAX);
        let _ = work.journal.forget_undeliverable(unix_ms().saturating_sub(keep)).await;
        let unreadable = |error: JournalError| RelayError::JournalRead(error.to_string());
        let mut recovery = Self { ended: Vec::new(), open: Vec::new(), undeliverable: 0 };
        let mut bodies = HashSet::new();
        for attempt in work.journal.attempts().await.map_err(unreadable)? {
            bodies.extend(attempt.body.as_ref().map(|body| body.file.clone()));
            match attempt.phase {
                Phase::Claimed | Phase::Started => recovery.open.push(attempt),
                Phase::Finished => recovery.ended.push(attempt),
                Phase::Undeliverable => recovery.undeliverable += 1,
            }
        }
        clear_orphans(work, &bodies).await;
        Ok(recovery)
    }

    /// Brings every attempt to where it belongs. Waits for the gateway only where its word is needed; jobs that began and
    /// must not run twice are `lost` without asking.
    pub(super) async fn settle(self, work: &Work) {
        for attempt in &self.ended {
            work.deliver(&attempt.job, attempt.deadline_ms, attempt.changed_ms);
        }
        let (ask, lost): (Vec<_>, Vec<_>) =
            self.open.into_iter().partition(|attempt| attempt.phase == Phase::Claimed || repeatable(&attempt.job));
        for attempt in lost {
            lose(work, attempt).await;
        }
        if ask.is_empty() {
            return;
        }
        let held = leases(work, &ask).await;
        for attempt in ask {
            let state = held.get(&attempt.job.job_id).filter(|lease| lease.epoch == attempt.epoch);
            match (state.map(|lease| lease.state), attempt.phase) {
                (Some(LeaseState::Held), phase) => {
                    tracing::info!(job = %attempt.job.job_id, "still ours after the restart: running it");
                    let mut job = attempt.job;
                    if let (Some(lease), Some(status)) = (job.lease.as_mut(), state) {
                        lease.ttl_ms = status.ttl_ms;
                    }
                    work.begin_durable(job, attempt.deadline_ms, phase == Phase::Started);
                }
                (_, Phase::Started) => lose(work, attempt).await,
                // A gateway without leases has nobody else for it: `/start` is its word on whether it is still ours.
                (None, Phase::Claimed) if attempt.job.lease.is_none() => {
                    tracing::info!(job = %attempt.job.job_id, "claimed before the restart: asking to begin it");
                    work.begin_durable(attempt.job, attempt.deadline_ms, false);
                }
                (Some(LeaseState::Cancel), _) => {
                    let node_id = &work.shared.node_id;
                    let result = results::cancelled_before_start(node_id, &attempt.job, "cancel_requested");
                    end(work, attempt, &result).await;
                }
                _ => {
                    tracing::info!(job = %attempt.job.job_id, "claimed before the restart, not ours any more: forgotten");
                    if let Err(error) = work.journal.forget(&attempt.job.job_id, attempt.epoch).await {
                        work.journal_failed(&error);
                    }
                }
            }
        }
    }
}

async fn lose(work: &Work, attempt: Attempt) {
    tracing::warn!(job = %attempt.job.job_id, "it ran when the node ended: reported as lost");
    work.shared.health.failed("lost");
    let result = results::lost(&work.shared.node_id, &attempt.job);
    end(work, attempt, &result).await;
}

async fn end(work: &Work, attempt: Attempt, result: &crate::wire::node::ResultRequest) {
    match work.journal.finished(&attempt.job.job_id, results::bytes(result), None).await {
        Ok(()) => work.deliver(&attempt.job, attempt.deadline_ms, unix_ms()),
        Err(error) => work.journal_failed(&error), // the next start finds it as it was
    }
}

/// Asks the gateway which leases still stand, until it answers. A gateway that cannot be asked has none.
async fn leases(work: &Work, attempts: &[Attempt]) -> HashMap<String, LeaseStatus> {
    let shared = &work.shared;
    let claims: Vec<_> = attempts
        .iter()
        .filter(|attempt| attempt.job.lease.is_some())
        .map(|attempt| LeaseClaim { job_id: attempt.job.job_id.clone(), epoch: attempt.epoch })
        .collect();
    let mut backoff = shared.intervals.backoff();
    loop {
        shared.link.workable().await;
        if claims.is_empty() || shared.link.standing().protocol < 2 {
            return HashMap::new();
        }
        let request = RenewRequest {
            node_id: shared.node_id.clone(),
            instance_id: Some(shared.instance_id.clone()),
            leases: claims.clone(),
        };
        match shared.client.renew(&request).await {
            Ok(reply) => return reply.leases.into_iter().map(|lease| (lease.job_id.clone(), lease)).collect(),
            Err(error) => {
                shared.saw_error(&error);
                if matches!(error.status(), Some(400 | 403 | 404 | 405 | 422 | 501)) {
                    return HashMap::new();
                }
                tracing::debug!(%error, "leases not confirmed yet");
                tokio::time::sleep(backoff.next_delay()).await;
            }
        }
    }
}

async fn clear_orphans(work: &Work, known: &HashSet<String>) {
    let Ok(mut files) = tokio::fs::read_dir(&work.shared.outbox).await else { return };
    while let Ok(Some(file)) = files.next_entry().await {
        let name = file.file_name();
        let orphan = name.to_str().is_some_and(|name| name.ends_with(".body") && !known.contains(name));
        if orphan {
            let _ = tokio::fs::remove_file(file.path()).await;
        }
    }
}
