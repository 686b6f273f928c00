//! What becomes of a job whose time ran out or whose node was removed: one rule for every adapter, as a pure function.

use crate::wire::gateway::JobState;
use crate::wire::v1::{ErrorCode, Failure};

/// How long a finished durable job is kept.
pub const KEEP_DURABLE_MS: i64 = 7 * 24 * 3_600_000;
/// How long a finished job is kept that need not survive a power cut: its caller was waiting and has the answer.
pub const KEEP_RELAYED_MS: i64 = 10 * 60_000;
/// How long after its time limit a job counts as running when its node is heard from but sends no result.
pub const OVERTIME_MS: i64 = 60_000;

/// What the rule looks at.
#[derive(Debug, Clone)]
pub struct Situation {
    /// Where the job is in its life.
    pub state: JobState,
    /// How often it was leased.
    pub epoch: u64,
    /// How often it may be leased.
    pub max_attempts: u64,
    /// Whether the newest attempt began.
    pub started: bool,
    /// When it began.
    pub started_ms: Option<i64>,
    /// When the lease ended.
    pub lease_expires_ms: Option<i64>,
    /// How long it may run.
    pub timeout_ms: i64,
    /// Whether an attempt that began may be followed by another.
    pub repeatable: bool,
    /// Whether its end was asked for.
    pub cancel_requested: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Back to the queue, for this reason.
    Requeue(&'static str),
    /// Back to the queue, as if that attempt had never been.
    GiveBack,
    /// It ends.
    End(End),
    /// It ended long ago: forgotten.
    Forget,
}

/// An end that the gateway decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// A terminal state.
    pub state: JobState,
    /// Why, a code.
    pub reason: &'static str,
    code: ErrorCode,
    message: &'static str,
}

impl End {
    /// The end of a job that was cancelled before a node had it.
    pub const CANCELLED: Self =
        Self::new(JobState::Cancelled, "cancel_requested", ErrorCode::Cancelled, "cancelled before it began");

    const fn new(state: JobState, reason: &'static str, code: ErrorCode, message: &'static str) -> Self {
        Self { state, reason, code, message }
    }

    /// What the job's caller is told.
    pub fn failure(self) -> Failure {
        Failure::new(self.code, self.message)
    }
}

const QUEUE_TIMEOUT: End =
    End::new(JobState::TimedOut, "queue_timeout", ErrorCode::TimedOut, "no node took the job in time");
const CANCEL_UNANSWERED: End =
    End::new(JobState::Cancelled, "node_silent", ErrorCode::Cancelled, "cancelled; its node did not answer");
const OVERTIME: End =
    End::new(JobState::TimedOut, "node_silent", ErrorCode::TimedOut, "over its time limit, and its node is silent");
const LEASE_EXPIRED: End =
    End::new(JobState::Lost, "lease_expired", ErrorCode::Lost, "its node went silent while it ran");
const MAX_ATTEMPTS: End =
    End::new(JobState::Lost, "max_attempts", ErrorCode::Lost, "handed out as often as allowed, and no node ended it");
const NODE_REMOVED: End =
    End::new(JobState::Failed, "node_removed", ErrorCode::NodeRemoved, "its node was removed from this gateway");
const REMOVED_WHILE_RUNNING: End =
    End::new(JobState::Lost, "node_removed", ErrorCode::NodeRemoved, "its node was removed while it ran");

/// What becomes of a job whose queue time, lease or retention is over.
pub fn when_due(job: &Situation) -> Fate {
    match job.state {
        JobState::Queued => Fate::End(QUEUE_TIMEOUT),
        JobState::Leased | JobState::Running => when_lease_ends(job),
        _ => Fate::Forget,
    }
}

/// Measured at the lease's end, not at the clock, so that a late look at it gives the same answer.
fn when_lease_ends(job: &Situation) -> Fate {
    let overtime = job.started_ms.map(|began| began.saturating_add(job.timeout_ms).saturating_add(OVERTIME_MS));
    if job.cancel_requested {
        Fate::End(CANCEL_UNANSWERED)
    } else if job.started && overtime.is_some_and(|end| job.lease_expires_ms.is_some_and(|expires| expires >= end)) {
        Fate::End(OVERTIME)
    } else if job.started && !job.repeatable {
        Fate::End(LEASE_EXPIRED)
    } else {
        requeue(job, "lease_expired")
    }
}

/// What becomes of a job that waits for a removed node (`bound`) or that was leased to it.
pub fn when_node_removed(job: &Situation, bound: bool) -> Fate {
    match job.state {
        JobState::Running => Fate::End(REMOVED_WHILE_RUNNING),
        _ if job.cancel_requested => Fate::End(End::CANCELLED),
        _ if bound => Fate::End(NODE_REMOVED),
        _ => requeue(job, "node_removed"),
    }
}

/// What becomes of a job whose node says that it has not begun it and will not.
pub fn when_given_back(job: &Situation) -> Fate {
    if job.cancel_requested { Fate::End(End::CANCELLED) } else { Fate::GiveBack }
}

fn requeue(job: &Situation, reason: &'static str) -> Fate {
    if job.epoch < job.max_attempts { Fate::Requeue(reason) } else { Fate::End(MAX_ATTEMPTS) }
}
