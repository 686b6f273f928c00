//! The outbox: every result goes to the gateway until it has it, or until nobody wants it.
//!
//! While the gateway cannot be reached, one result tries and the others wait; a result that the gateway answers with an
//! error waits by itself.

use super::journal::Journal;
use super::send::{Verdict, deliver};
use super::shared::Shared;
use super::spool::Spooled;
use super::start::delay;
use crate::base::{Backoff, unix_ms};
use crate::state::OutboxStatus;
use crate::wire::node::Lease;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Results in flight at once.
const CONCURRENT: usize = 8;

/// How long a result that does not get through may keep its job from ending otherwise. It is delivered even after that.
const KEEP_LEASE_MS: i64 = 3_600_000;

/// A result to deliver.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) job_id: String,
    /// The lease to keep until it has arrived.
    pub(super) lease: Option<Lease>,
    pub(super) deadline_ms: i64,
    pub(super) since_ms: i64,
    /// The result itself, when it is not in the journal.
    pub(super) memory: Option<(Bytes, Option<Spooled>)>,
}

impl Delivery {
    pub(super) fn new(
        job_id: &str,
        lease: Option<Lease>,
        deadline_ms: i64,
        since_ms: i64,
        memory: Option<(Bytes, Option<Spooled>)>,
    ) -> Self {
        Self { job_id: job_id.to_owned(), lease, deadline_ms, since_ms, memory }
    }
}

struct Waiting {
    delivery: Delivery,
    due: Instant,
    backoff: Backoff,
    in_flight: bool,
    /// Wanted again while it was in flight.
    again: bool,
}

/// Delivers results.
pub(super) struct DeliverLoop {
    shared: Arc<Shared>,
    journal: Journal,
    incoming: mpsc::UnboundedReceiver<Delivery>,
    waiting: HashMap<String, Waiting>,
    undeliverable: u64,
    delivered: u64,
    /// Set while the gateway cannot be reached.
    away: Option<(Instant, Backoff)>,
}

impl DeliverLoop {
    pub(super) fn new(
        shared: Arc<Shared>,
        journal: Journal,
        incoming: mpsc::UnboundedReceiver<Delivery>,
        undeliverable: u64,
    ) -> Self {
        Self { shared, journal, incoming, waiting: HashMap::new(), undeliverable, delivered: 0, away: None }
    }

    /// Delivers until `flush`, then what is there, until `end`. Returns how many were delivered and how many are left.
    pub(super) async fn run(mut self, flush: CancellationToken, end: CancellationToken) -> (u64, usize) {
        let mut tries: JoinSet<(String, Verdict)> = JoinSet::new();
        let mut standing = self.shared.link.watch();
        self.publish();
        loop {
            while let Ok(delivery) = self.incoming.try_recv() {
                self.add(delivery);
            }
            if flush.is_cancelled() && self.waiting.is_empty() {
                break;
            }
            let workable = standing.borrow_and_update().workable();
            if workable {
                self.begin_due(&mut tries);
            }
            let due = self.next_due(tries.len()).filter(|_| workable);
            tokio::select! {
                biased;
                () = end.cancelled() => break,
                Some(done) = tries.join_next() => if let Ok((job_id, verdict)) = done {
                    self.took(&job_id, verdict).await;
                },
                Some(delivery) = self.incoming.recv() => self.add(delivery),
                () = flush.cancelled(), if !flush.is_cancelled() => {}
                changed = standing.changed() => if changed.is_ok() && standing.borrow().workable() {
                    // The link is (still) there: whoever waited for it need not wait longer.
                    if self.away.take().is_some() {
                        let now = Instant::now();
                        self.waiting.values_mut().for_each(|waiting| waiting.due = waiting.due.min(now));
                    }
                },
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now).into()), if due.is_some() => {}
            }
            self.publish();
        }
        self.publish();
        (self.delivered, self.waiting.len())
    }

    fn add(&mut self, delivery: Delivery) {
        if unix_ms() - delivery.since_ms < KEEP_LEASE_MS {
            self.shared.keep_lease(&delivery.job_id, delivery.lease.clone());
        }
        let entry = self.waiting.entry(delivery.job_id.clone()).or_insert_with(|| Waiting {
            delivery: delivery.clone(),
            due: Instant::now(),
            backoff: self.shared.intervals.backoff(),
            in_flight: false,
            again: false,
        });
        entry.again |= entry.in_flight;
        entry.due = Instant::now();
        entry.delivery.deadline_ms = entry.delivery.deadline_ms.max(delivery.deadline_ms);
        entry.delivery.memory = delivery.memory.or(entry.delivery.memory.take());
    }

    /// Starts as many tries as may be in flight: one while the gateway is away.
    fn begin_due(&mut self, tries: &mut JoinSet<(String, Verdict)>) {
        let now = Instant::now();
        if self.away.as_ref().is_some_and(|(until, _)| *until > now) {
            return;
        }
        let limit = if self.away.is_some() { 1 } else { CONCURRENT };
        let mut due: Vec<_> =
            self.waiting.values_mut().filter(|waiting| !waiting.in_flight && waiting.due <= now).collect();
        due.sort_by_key(|waiting| waiting.delivery.since_ms);
        for waiting in due.into_iter().take(limit.saturating_sub(tries.len())) {
            waiting.in_flight = true;
            let (shared, journal, delivery) = (self.shared.clone(), self.journal.clone(), waiting.delivery.clone());
            tries.spawn(async move {
                let verdict = deliver(&shared, &journal, &delivery).await;
                (delivery.job_id, verdict)
            });
        }
    }

    /// When there is something to do next, if nothing else happens.
    fn next_due(&self, in_flight: usize) -> Option<Instant> {
        if in_flight >= CONCURRENT || (self.away.is_some() && in_flight > 0) {
            return None;
        }
        let due = self.waiting.values().filter(|waiting| !waiting.in_flight).map(|waiting| waiting.due).min()?;
        Some(self.away.as_ref().map_or(due, |(until, _)| due.max(*until)))
    }

    async fn took(&mut self, job_id: &str, verdict: Verdict) {
        if !matches!(&verdict, Verdict::Failed(error) if error.is_transport()) {
            self.away = None;
        }
        match verdict {
            Verdict::Delivered(disposition) => {
                tracing::debug!(job = job_id, ?disposition, "result delivered");
                self.delivered += 1;
                self.done(job_id);
            }
            Verdict::Again => self.later(job_id, Duration::ZERO),
            Verdict::Nothing => self.done(job_id),
            Verdict::Expired => {
                tracing::warn!(
                    job = job_id,
                    "nobody wants this result any more: it expired before the gateway took it"
                );
                self.shared.health.failed("result_expired");
                self.done(job_id);
            }
            Verdict::Refused(error) => {
                tracing::error!(job = job_id, %error, "the gateway refuses this result for good; kept for a week");
                self.shared.health.failed("result_refused");
                self.undeliverable += 1;
                self.done(job_id);
            }
            Verdict::Failed(error) => {
                tracing::debug!(job = job_id, %error, "result not delivered yet");
                let wait = self.waiting.get_mut(job_id).map(|waiting| waiting.backoff.next_delay());
                let mut wait = delay(&error, wait.unwrap_or_default());
                if error.is_transport() {
                    let mut backoff =
                        self.away.take().map_or_else(|| self.shared.intervals.backoff(), |(_, backoff)| backoff);
                    self.away = Some((Instant::now() + backoff.next_delay(), backoff));
                    wait = Duration::ZERO;
                }
                self.later(job_id, wait);
                if self.waiting.get(job_id).is_some_and(|it| unix_ms() - it.delivery.since_ms > KEEP_LEASE_MS) {
                    self.shared.delivering.remove(job_id);
                }
            }
        }
    }

    fn later(&mut self, job_id: &str, wait: Duration) {
        if let Some(waiting) = self.waiting.get_mut(job_id) {
            waiting.in_flight = false;
            waiting.again = false;
            waiting.due = Instant::now() + wait;
        }
    }

    fn done(&mut self, job_id: &str) {
        match self.waiting.get(job_id) {
            Some(waiting) if waiting.again => self.later(job_id, Duration::ZERO),
            _ => {
                self.waiting.remove(job_id);
                self.shared.delivering.remove(job_id);
            }
        }
    }

    fn publish(&self) {
        let board = &self.shared.board;
        let pending = self.waiting.len() as u64;
        let oldest_ms = self.waiting.values().map(|waiting| waiting.delivery.since_ms).min();
        let undeliverable = self.undeliverable;
        board.update(|status| status.outbox = OutboxStatus { pending, oldest_ms, undeliverable });
        // A caller's own refusal is theirs to see; this is the owner's: results that stay here.
        if undeliverable > 0 {
            let message = format!(
                "the gateway refused {undeliverable} results for good; they are kept for a week: see the log for why"
            );
            board.condition("outbox", false, "undeliverable", message);
        } else if self.away.is_some() {
            let message = format!("{pending} results wait for the gateway, which cannot be reached; they are safe");
            board.condition("outbox", false, "backing_off", message);
        } else if pending > CONCURRENT as u64 * 4 {
            board.condition("outbox", true, "delivering", format!("{pending} results are on their way"));
        } else {
            board.condition("outbox", true, "fresh", "results are delivered as they come");
        }
    }
}
