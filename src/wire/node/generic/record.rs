//! A generic job in the node's queue, as it is told to those who ask.

use super::artifact::Artifact;
use super::event::{GenericEvent, LogLine};
use super::execution::GenericResult;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a job is. Five states are ends: `succeeded`, `failed`, `cancelled`, `expired`, `blocked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenericState {
    /// Waits for a slot.
    Queued,
    /// Has a slot.
    Scheduled,
    /// Its runner is at work.
    Running,
    /// Waits to be queued again.
    Retrying,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// Nobody wanted it any more when its turn came.
    Expired,
    /// The node cannot run it.
    Blocked,
}

/// A job in the queue. Instants are ISO 8601.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericRecord {
    /// [`GENERIC_SCHEMA_VERSION`](super::GENERIC_SCHEMA_VERSION).
    pub schema_version: String,
    /// The caller's id for it.
    pub job_id: String,
    /// The caller's request.
    pub request_id: String,
    /// The node.
    pub node_id: String,
    /// Whose it is: `metadata.tenant_id`, or `owner-local`.
    pub tenant_id: String,
    /// Where it is.
    pub state: GenericState,
    /// What was asked for.
    pub job: Value,
    /// The tenant, `:`, and the key that makes asking twice the same as asking once.
    pub idempotency_key: String,
    /// -100 to 100, lower is sooner.
    pub priority: i64,
    /// When it came.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// When it was last queued.
    pub queued_at: String,
    /// When it got its slot.
    pub scheduled_at: Option<String>,
    /// When its runner began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How often it may be run.
    pub retry: RetryRecord,
    /// Its slot.
    pub reservation: Option<Reservation>,
    /// Why it still waits.
    pub backpressure: Option<Backpressure>,
    /// The right by which it came.
    pub envelope: EnvelopeRecord,
    /// How it ended.
    pub result: Option<GenericResult>,
    /// What came out.
    pub artifacts: Vec<Artifact>,
}

/// How often a job may be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryRecord {
    /// Runs after the first without being asked, 0 to 3.
    pub max_retries: u32,
    /// How many there were, asked for or not.
    pub retry_count: u32,
    /// Failures after which it is run again.
    pub retryable_error_codes: Vec<String>,
    /// When, while it waits for that.
    pub next_retry_at: Option<String>,
}

/// A slot that a job has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Its id.
    pub id: String,
    /// For whom.
    pub tenant_id: String,
    /// Since when.
    pub reserved_at: String,
    /// Until when; none while it has it.
    pub released_at: Option<String>,
}

/// Why a job waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backpressure {
    /// A code.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// When to look again, milliseconds.
    pub retry_after_ms: u64,
}

/// The token by which a job came, without what would let others use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvelopeRecord {
    /// The job.
    pub job_id: String,
    /// The caller's request.
    pub request_id: String,
    /// The node.
    pub node_id: String,
    /// The version of the job's form.
    pub schema_version: String,
    /// The job's type.
    pub job_type: String,
    /// SHA-256 of the token in hex.
    pub token_sha256: String,
    /// When it came.
    pub issued_at: String,
    /// Until when the job may begin.
    pub expires_at: Option<String>,
}

/// Something that was done to a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counts all that was ever done, from 1.
    pub sequence: u64,
    /// ISO 8601.
    pub timestamp: String,
    /// Such as `job_created`.
    pub action: String,
    /// The job.
    pub job_id: String,
    /// Whose it is.
    pub tenant_id: String,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// Everything about a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenericSnapshot {
    /// The job.
    pub job: GenericRecord,
    /// What happened.
    pub events: Vec<GenericEvent>,
    /// What it printed.
    pub logs: Vec<LogLine>,
    /// What went in and came out.
    pub artifacts: Vec<Artifact>,
    /// What was done to it.
    pub audit: Vec<AuditEntry>,
}
