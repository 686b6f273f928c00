//! Keeps the leases of jobs that run or whose results are on their way: one request for all that are due, at a third of
//! their term.

use super::shared::Shared;
use crate::base::Backoff;
use crate::wire::node::{LeaseClaim, LeaseState, LeaseStatus, RenewRequest};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// The longest wait before renewing is tried again: a gateway that comes back gives leases a new term, and a node that
/// noticed too late would lose what it works on.
const LONGEST: Duration = Duration::from_secs(10);

/// Renews leases.
pub(super) struct LeaseLoop {
    shared: Arc<Shared>,
    backoff: Backoff,
}

impl LeaseLoop {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let intervals = &shared.intervals;
        let backoff = Backoff::capped(intervals.backoff, intervals.cap.min(LONGEST));
        Self { shared, backoff }
    }

    pub(super) async fn run(mut self, end: CancellationToken) {
        loop {
            let due = self.shared.held().iter().filter_map(|job| job.renew_at()).min();
            tokio::select! {
                () = end.cancelled() => return,
                () = self.shared.running.added.notified() => continue,
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => {}
            }
            tokio::select! {
                () = end.cancelled() => return,
                () = async {
                    self.shared.link.workable().await;
                    self.step().await;
                } => {}
            }
        }
    }

    /// Renews what is due now, and what is due so soon that it would only be another request.
    pub(super) async fn step(&mut self) {
        let soon = Instant::now() + Duration::from_millis(500);
        let leases: Vec<_> = self
            .shared
            .held()
            .iter()
            .filter(|job| job.renew_at().is_some_and(|due| due <= soon))
            .map(|job| LeaseClaim { job_id: job.job_id.clone(), epoch: job.epoch() })
            .collect();
        if leases.is_empty() {
            return;
        }
        let request = RenewRequest {
            node_id: self.shared.node_id.clone(),
            instance_id: Some(self.shared.instance_id.clone()),
            leases,
        };
        match self.shared.client.renew(&request).await {
            Ok(reply) => {
                self.backoff.reset();
                self.shared.saw_success("renew");
                for status in &reply.leases {
                    self.apply(status);
                }
                self.unanswered(&request, Duration::from_secs(1));
                self.shared.board.condition("lease", true, "fresh", "leases are renewed");
            }
            Err(error) => {
                self.shared.saw_error(&error);
                let delay = self.backoff.next_delay();
                self.unanswered(&request, delay);
                let message = format!("leases are not renewed: {error}; jobs go on, their results are kept");
                self.shared.board.condition("lease", false, "backing_off", message);
            }
        }
    }

    fn apply(&self, status: &LeaseStatus) {
        // A job that was handed out again meanwhile is under another lease.
        let Some(job) = self.shared.holder(&status.job_id, status.epoch) else { return };
        match status.state {
            LeaseState::Held => job.renewed(Duration::from_millis(status.ttl_ms.max(1))),
            LeaseState::Cancel => {
                job.renewed(Duration::from_millis(status.ttl_ms.max(1000)));
                job.cancel("cancel_requested");
            }
            LeaseState::Stale => {
                tracing::warn!(job = %job.job_id, "the lease is over, or went to another attempt");
                job.renewed(Duration::from_secs(3600));
                job.cancel("lease_stale");
            }
        }
    }

    /// What is still due was not answered for: not again at once.
    fn unanswered(&self, request: &RenewRequest, delay: Duration) {
        let now = Instant::now();
        for claim in &request.leases {
            if let Some(job) = self.shared.holder(&claim.job_id, claim.epoch)
                && job.renew_at().is_some_and(|due| due <= now + Duration::from_millis(500))
            {
                job.renew_later(delay);
            }
        }
    }
}
