//! The jobs that the node has claimed and not ended yet.

use crate::wire::node::Lease;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A job that the node has claimed and not ended yet.
#[derive(Debug)]
pub(super) struct RunningJob {
    pub(super) job_id: String,
    /// Ends it.
    pub(super) token: CancellationToken,
    stage: Mutex<Stage>,
    why: OnceLock<&'static str>,
    term: Mutex<Term>,
}

/// How far it is. Begun and given back are for good, and exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// For a slot, for its body, for a gateway that answers.
    Waiting,
    /// `/start` is under way: the gateway may take it for running already.
    Asking,
    Begun,
    GivenBack,
}

/// The lease in force.
#[derive(Debug)]
struct Term {
    lease: Option<Lease>,
    renew_at: Instant,
    ends_at: Instant,
}

/// When a job's lease is renewed first, however long its first term is.
const FIRST_RENEWAL: Duration = Duration::from_secs(1);

/// Without a lease nothing ends early; far enough.
const NO_LEASE: Duration = Duration::from_secs(365 * 24 * 3600);

impl RunningJob {
    pub(super) fn new(job_id: &str, lease: Option<Lease>) -> Self {
        let term = term(lease);
        Self {
            job_id: job_id.to_owned(),
            token: CancellationToken::new(),
            stage: Mutex::new(Stage::Waiting),
            why: OnceLock::new(),
            term: Mutex::new(term),
        }
    }

    /// The newest lease, under which the result goes out.
    pub(super) fn lease(&self) -> Option<Lease> {
        self.term().lease.clone()
    }

    /// The attempt; 0 for a job without a lease.
    pub(super) fn epoch(&self) -> u64 {
        self.term().lease.as_ref().map_or(0, |lease| lease.epoch)
    }

    /// When the right to begin ends unless it is renewed.
    pub(super) fn ends_at(&self) -> Instant {
        self.term().ends_at
    }

    /// When the lease is to be renewed; none without a lease.
    pub(super) fn renew_at(&self) -> Option<Instant> {
        let term = self.term();
        term.lease.as_ref().map(|_| term.renew_at)
    }

    /// The lease holds for `ttl` from now.
    pub(super) fn renewed(&self, ttl: Duration) {
        let mut term = self.term();
        let now = Instant::now();
        term.renew_at = now + ttl / 3;
        term.ends_at = now + ttl;
    }

    /// Renewing failed: the next try.
    pub(super) fn renew_later(&self, delay: Duration) {
        self.term().renew_at = Instant::now() + delay;
    }

    /// Another attempt was handed to this node while it works: from now on it works under that one.
    fn adopt(&self, lease: Option<Lease>) {
        *self.term() = term(lease);
    }

    /// The gateway is asked now whether it may begin. False when it was given back before.
    pub(super) fn ask(&self) -> bool {
        self.turn(|stage| match stage {
            Stage::Waiting => Stage::Asking,
            other => other,
        }) != Stage::GivenBack
    }

    /// The gateway did not say.
    pub(super) fn asked_in_vain(&self) {
        self.turn(|stage| match stage {
            Stage::Asking => Stage::Waiting,
            other => other,
        });
    }

    /// It begins now. False when it was given back before.
    pub(super) fn begin(&self) -> bool {
        self.turn(|stage| match stage {
            Stage::GivenBack => Stage::GivenBack,
            _ => Stage::Begun,
        }) == Stage::Begun
    }

    /// Whether it has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.turn(|stage| stage) == Stage::Begun
    }

    /// It will not begin here. False when it has or is about to, or when it was given back before.
    pub(super) fn give_back(&self) -> bool {
        let mut first = false;
        self.turn(|stage| {
            first = stage == Stage::Waiting;
            if first { Stage::GivenBack } else { stage }
        });
        if first {
            self.cancel(super::execute::GIVEN_BACK);
        }
        first
    }

    /// Whether it was given back.
    pub(super) fn given_back(&self) -> bool {
        self.turn(|stage| stage) == Stage::GivenBack
    }

    /// Changes the stage; gives the new one.
    fn turn(&self, change: impl FnOnce(Stage) -> Stage) -> Stage {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        *stage = change(*stage);
        *stage
    }

    /// Ends it; the first reason counts. False when it was told before.
    pub(super) fn cancel(&self, why: &'static str) -> bool {
        let first = self.why.set(why).is_ok();
        self.token.cancel();
        first
    }

    /// Why it was ended early, if it was.
    pub(super) fn cancelled(&self) -> Option<&'static str> {
        self.why.get().copied()
    }

    fn term(&self) -> MutexGuard<'_, Term> {
        self.term.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn term(lease: Option<Lease>) -> Term {
    let ttl = lease.as_ref().map_or(NO_LEASE, |lease| Duration::from_millis(lease.ttl_ms).min(NO_LEASE));
    let now = Instant::now();
    // The first term is a short one, and who gets through it gets a long one: the sooner that is asked for, the less a cut
    // can take. What has ended by then asks for nothing.
    Term { lease, renew_at: now + (ttl / 3).min(FIRST_RENEWAL), ends_at: now + ttl }
}

/// All of them, by id.
#[derive(Debug, Default)]
pub(super) struct Running {
    jobs: Mutex<HashMap<String, Arc<RunningJob>>>,
    /// A job was added.
    pub(super) added: Notify,
}

impl Running {
    /// Adds a job; none when one of that id is there.
    pub(super) fn add(&self, job_id: &str, lease: Option<Lease>) -> Option<Arc<RunningJob>> {
        let mut jobs = self.lock();
        if jobs.contains_key(job_id) {
            return None;
        }
        let job = Arc::new(RunningJob::new(job_id, lease));
        jobs.insert(job_id.to_owned(), job.clone());
        drop(jobs);
        self.added.notify_one();
        Some(job)
    }

    /// A job that is here is under that lease from now on; none when it is not here.
    pub(super) fn adopt(&self, job_id: &str, lease: Option<Lease>) -> Option<Arc<RunningJob>> {
        let jobs = self.lock();
        let job = jobs.get(job_id)?.clone();
        // Under the lock, so that whoever removes it sees this or is seen.
        job.adopt(lease);
        drop(jobs);
        self.added.notify_one();
        Some(job)
    }

    pub(super) fn remove(&self, job_id: &str) {
        self.lock().remove(job_id);
    }

    pub(super) fn get(&self, job_id: &str) -> Option<Arc<RunningJob>> {
        self.lock().get(job_id).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<RunningJob>> {
        self.lock().values().cloned().collect()
    }

    /// Ends all of them.
    pub(super) fn cancel_all(&self, why: &'static str) {
        for job in self.all() {
            job.cancel(why);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<RunningJob>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
