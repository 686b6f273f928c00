//! Jobs as they are kept.

use crate::wire::gateway::{JobState, LateResult};
use crate::wire::node::{AnswerBody, BodyRef, EventKind};
use crate::wire::v1::Failure;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A job to be queued.
#[derive(Debug, Clone, Default)]
pub struct NewJob {
    /// The id that it shall have, one of our own making; none makes one.
    pub id: Option<String>,
    /// The only node that may take it, by id.
    pub node_id: Option<String>,
    /// Labels that its node must have.
    pub labels: BTreeMap<String, String>,
    /// The operation.
    pub operation: String,
    /// Its parameters.
    pub params: Map<String, Value>,
    /// Its body: inline when small, else a blob of the gateway by its SHA-256.
    pub body: Option<BodyRef>,
    /// The lowest node protocol that can run it: 2 for operations of `/v1`.
    pub min_protocol: u32,
    /// −100 to 100, lower first.
    pub priority: i64,
    /// How long it may run, milliseconds.
    pub timeout_ms: u64,
    /// How long it may be queued, milliseconds.
    pub queue_timeout_ms: u64,
    /// How often it may be leased.
    pub max_attempts: u32,
    /// Whether an attempt that began may be followed by another.
    pub repeatable: bool,
    /// Whether it must survive a power cut. A relayed request whose caller waits need not.
    pub durable: bool,
    /// Whose job it is, a key's id: callers take turns, and a job runs only where its caller may use the node.
    pub caller: Option<String>,
    /// The caller (a key's id) and its key for this submission, with a hash of the request.
    pub idempotency: Option<(String, String, String)>,
}

/// What became of a submission.
#[derive(Debug, Clone)]
pub enum Enqueued {
    /// A new job.
    New(JobRecord),
    /// The job of an earlier submission with the same idempotency key and request.
    Existing(JobRecord),
    /// The idempotency key was used with another request; that job's id.
    Mismatch(String),
}

/// A job that is kept.
#[derive(Debug, Clone)]
pub struct JobRecord {
    /// `job_…`.
    pub id: String,
    /// What was asked for.
    pub job: NewJob,
    /// Where it is in its life.
    pub state: JobState,
    /// Why, a code.
    pub reason: Option<String>,
    /// How often it was leased; the epoch of the newest lease. 0 before the first.
    pub epoch: u64,
    /// The newest lease's id.
    pub lease_id: Option<String>,
    /// The node of the newest lease.
    pub leased_to: Option<String>,
    /// When the lease ends. What then happens (in `reap`): not started, or repeatable → `queued` again with reason
    /// `lease_expired` while attempts are left, else `lost` with reason `max_attempts`; started and not repeatable →
    /// `lost` with reason `lease_expired`. A protocol 1 lease that has started lasts as long as the job may run.
    pub lease_expires_ms: Option<i64>,
    /// Whether the newest attempt began.
    pub started: bool,
    /// Whether its end was asked for.
    pub cancel_requested: bool,
    /// When it was queued.
    pub created_ms: i64,
    /// When the newest attempt began.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub finished_ms: Option<i64>,
    /// The operation's answer.
    pub answer: Option<Value>,
    /// The answer's body, a blob of the gateway.
    pub answer_body: Option<AnswerBody>,
    /// What failed.
    pub failure: Option<Failure>,
    /// Results that came after the end.
    pub late_results: Vec<LateResult>,
}

/// Which jobs a node can take.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The node.
    pub node_id: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The protocol it speaks.
    pub protocol: u32,
    /// At most so many.
    pub limit: u32,
    /// Only jobs that were submitted with this priority or a lower number, however long they wait.
    pub max_priority: Option<i64>,
    /// No jobs for agents of these names, as they are compared; empty excludes none.
    pub excluded_agents: Vec<String>,
    /// The first term of the leases, milliseconds: until then `start` or `renew` must come.
    pub grace_ms: u64,
}

/// Whether an attempt may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// It may; true when the job's end was asked for meanwhile.
    Started {
        /// Whether the caller wants its end.
        cancel_requested: bool,
    },
    /// It must not: the job ended, or a newer attempt holds it, or it is another node's.
    Stale,
    /// No such job.
    Unknown,
}

/// What became of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// Kept.
    Kept {
        /// The first sequence number that is missing.
        next_seq: u64,
        /// Whether the caller wants the job's end.
        cancel_requested: bool,
    },
    /// A newer attempt or an ended job: nothing kept.
    Stale,
    /// No such job.
    Unknown,
}

/// How an attempt ended, from its node.
#[derive(Debug, Clone)]
pub struct Finish {
    /// The job.
    pub job_id: String,
    /// The attempt; none from protocol 1, then the newest one of that node.
    pub epoch: Option<u64>,
    /// A terminal state.
    pub state: JobState,
    /// Why, a code.
    pub reason: Option<String>,
    /// The answer.
    pub answer: Option<Value>,
    /// The answer's body.
    pub answer_body: Option<AnswerBody>,
    /// What failed.
    pub failure: Option<Failure>,
}

/// What became of a result. The names are those of [`Disposition`](crate::wire::node::Disposition).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishedJob {
    /// It ended the job.
    Recorded,
    /// The same attempt's result was there already.
    Duplicate,
    /// Kept as a late result.
    Superseded,
    /// No such job.
    Unknown,
}

/// What became of asking for a job's end.
#[derive(Debug, Clone)]
pub enum CancelOutcome {
    /// It was queued and has ended.
    Ended(JobRecord),
    /// Its node will be told.
    Requested(JobRecord),
    /// It had ended before.
    AlreadyEnded(JobRecord),
    /// No such job.
    Unknown,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only these states; empty means all.
    pub states: Vec<JobState>,
    /// Only jobs of this node, by id.
    pub node_id: Option<String>,
    /// Only jobs of this caller.
    pub caller: Option<String>,
    /// Only jobs older than this id.
    pub before: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// An event that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The attempt.
    pub epoch: u64,
    /// From 0 within the attempt.
    pub seq: u64,
    /// What it is.
    pub kind: EventKind,
    /// Where it begins in its stream, bytes.
    pub offset: u64,
    /// The bytes.
    pub data: Vec<u8>,
}

/// A job that `reap` moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaped {
    /// The job.
    pub job_id: String,
    /// Where it is now.
    pub state: JobState,
    /// Why.
    pub reason: String,
}
