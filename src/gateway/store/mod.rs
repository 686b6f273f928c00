//! What a gateway keeps: keys, nodes, jobs with their leases, events and results. The port is declared here by its user;
//! every adapter passes the same conformance suite.
//!
//! Rules every adapter keeps:
//! * Claims are atomic: a job is never leased twice at a time, and every lease has a higher epoch than the one before.
//! * A terminal state never changes. A result that comes after it is kept as a late result.
//! * A write for a stale epoch changes nothing but late results.
//! * What is done to keys and nodes is in the audit log, written in the transaction that does it.
//! * Times are `base::unix_ms`; the adapter takes "now" as an argument so that tests can turn the clock.

mod audit;
#[cfg(test)]
mod conformance;
mod door;
mod fate;
mod job;
mod key;
mod node;
mod registration;
mod sqlite;

pub use audit::{AuditFilter, AuditRecord, NewAudit, acts};
pub use door::NodeDoor;
pub use job::{
    Appended, CancelOutcome, Claim, Enqueued, Finish, FinishedJob, JobFilter, JobRecord, NewJob, Reaped, StartOutcome,
    StoredEvent,
};
pub(crate) use key::allow;
pub use key::{GrantChange, GrantOutcome, KeyCheck, KeyRecord, NewKey};
pub use node::{Beat, BeatOutcome, EditOutcome, NewNode, NodeEdit, NodeRecord};
pub use registration::{
    Decided, EnrollmentCheck, NewEnrollment, NewRegistration, Registered, RegistrationLimits, RegistrationRecord,
};
pub use sqlite::SqliteStore;

use crate::wire::gateway::Scope;
use crate::wire::node::{CancelJob, Event, LeaseClaim, LeaseStatus};
use async_trait::async_trait;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The store failed; nothing of the call was kept.
#[derive(Debug, thiserror::Error)]
#[error("gateway store: {what}: {source}")]
pub struct StoreError {
    /// What was tried.
    pub what: &'static str,
    /// What the database said.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Something happened that a waiting request may care about. Sent after the commit; may be spurious, never missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wakeup {
    /// A job can be claimed: by this node, or by any node when none.
    Claimable {
        /// The only node that may take it, by id.
        node_id: Option<String>,
    },
    /// A job's state changed or it has new events.
    JobChanged {
        /// The job.
        job_id: String,
    },
    /// The node has to be told something: a cancel, a drain.
    NodeChanged {
        /// The node.
        node_id: String,
    },
}

/// A line of waiting jobs gains one priority in this time, milliseconds: even one of priority 100 has passed what is newly
/// queued with −100 after 100 minutes.
pub const AGEING_MS: i64 = 30_000;

/// The port. Lists are in a stable order.
#[async_trait]
pub trait Store: Send + Sync {
    /// The stream of wake-ups. Taken once, by the gateway's dispatcher.
    fn take_wakeups(&self) -> Option<mpsc::UnboundedReceiver<Wakeup>>;

    /// The same store, on behalf of somebody: what is done through it is in the audit log under that name, the id of a key
    /// or of a node. Without, it is `local`.
    fn by(&self, actor: &str) -> Arc<dyn Store>;
    /// Writes an act down that this store does not do itself.
    async fn audit(&self, entry: NewAudit, now_ms: i64) -> Result<(), StoreError>;
    /// Acts, newest first, at most `filter.limit`.
    async fn audit_log(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>, StoreError>;

    /// Keeps a new key.
    async fn create_key(&self, key: NewKey, now_ms: i64) -> Result<KeyRecord, StoreError>;
    /// All keys, newest first.
    async fn keys(&self) -> Result<Vec<KeyRecord>, StoreError>;
    /// Checks a key by its hash and scope. With `spend`, a good key that counts its uses loses one, atomically.
    async fn check_key(&self, hash: &str, scope: Scope, spend: bool, now_ms: i64) -> Result<KeyCheck, StoreError>;
    /// Revokes a key; false when there is none of that id.
    async fn revoke_key(&self, id: &str, now_ms: i64) -> Result<bool, StoreError>;
    /// Changes which nodes a key may use. Jobs that it has queued already obey too.
    async fn change_grants(&self, id: &str, change: GrantChange, now_ms: i64) -> Result<GrantOutcome, StoreError>;

    /// Makes a node, or finds the one with the same fingerprint and gives it a new token (the old ones stop working), its
    /// new name if given and free, and its new labels. A removed node comes back. The second value is true when it is new.
    async fn join_node(&self, node: NewNode, now_ms: i64) -> Result<(NodeRecord, bool), StoreError>;
    /// The node whose token hashes to this; a removed one too. Using a rotated token ends the one before it.
    async fn node_by_token(&self, token_hash: &str) -> Result<Option<NodeRecord>, StoreError>;
    /// A node by id or, failing that, by name.
    async fn node(&self, id_or_name: &str) -> Result<Option<NodeRecord>, StoreError>;
    /// All nodes by name.
    async fn nodes(&self, with_removed: bool) -> Result<Vec<NodeRecord>, StoreError>;
    /// Takes in a heartbeat. With `starting`, its instance becomes the node's; without, another instance than the node's
    /// is superseded and nothing is kept.
    async fn beat(&self, node_id: &str, beat: Beat, now_ms: i64) -> Result<BeatOutcome, StoreError>;
    /// Sets whether the node shall drain; false when there is none.
    async fn set_drain(&self, node_id: &str, drain: bool) -> Result<bool, StoreError>;
    /// Adds a token that will replace the node's; false when there is no such node.
    async fn rotate_token(&self, node_id: &str, new_hash: &str) -> Result<bool, StoreError>;
    /// Marks a node removed. Its queued and leased jobs go back to the queue or end, and approvals that it was
    /// given cannot be claimed any more. False when there is none.
    async fn remove_node(&self, node_id: &str, now_ms: i64) -> Result<bool, StoreError>;
    /// Takes a removal back: the node's token works again, its name is the old one or, when that is taken, one like it.
    /// False when there is none.
    async fn restore_node(&self, node_id: &str, now_ms: i64) -> Result<bool, StoreError>;
    /// Takes in what an operator says of a node.
    async fn edit_node(&self, node_id: &str, edit: NodeEdit, now_ms: i64) -> Result<EditOutcome, StoreError>;

    /// Keeps a machine's request to join, within limits. Forgets those that expired.
    async fn register(
        &self,
        new: NewRegistration,
        limits: RegistrationLimits,
        now_ms: i64,
    ) -> Result<Registered, StoreError>;
    /// Requests to join that have not expired, oldest first.
    async fn registrations(&self, now_ms: i64) -> Result<Vec<RegistrationRecord>, StoreError>;
    /// An operator decides.
    async fn decide_registration(&self, code: &str, approve: bool, now_ms: i64) -> Result<Decided, StoreError>;
    /// The request to join of that node and secret, when it has not expired.
    async fn proved_registration(
        &self,
        node_id: &str,
        secret_hash: &str,
        now_ms: i64,
    ) -> Result<Option<RegistrationRecord>, StoreError>;
    /// Keeps a token with which one node may join once.
    async fn create_enrollment(&self, new: NewEnrollment, now_ms: i64) -> Result<(), StoreError>;
    /// Uses up the enrolment of that node and token.
    async fn take_enrollment(&self, node_id: &str, hash: &str, now_ms: i64) -> Result<EnrollmentCheck, StoreError>;
    /// Keeps what a node said of itself, in place of what it said before.
    async fn save_report(&self, node_id: &str, report: &str) -> Result<(), StoreError>;
    /// What nodes said of themselves, by node id.
    async fn reports(&self) -> Result<Vec<(String, String)>, StoreError>;
    /// Keeps where a node is reached directly, and with what tokens for it are signed.
    async fn put_door(&self, node_id: &str, door: NodeDoor) -> Result<(), StoreError>;
    /// A node is reached elsewhere, or nowhere, or has another certificate; false when it never had a door.
    async fn move_door(
        &self,
        node_id: &str,
        url: Option<String>,
        fingerprint: Option<String>,
    ) -> Result<bool, StoreError>;
    /// Where a node is reached directly.
    async fn door(&self, node_id: &str) -> Result<Option<NodeDoor>, StoreError>;

    /// Queues a job. With an idempotency key that the same caller used before, gives that job instead.
    async fn enqueue(&self, job: NewJob, now_ms: i64) -> Result<Enqueued, StoreError>;
    /// Leases up to `claim.limit` jobs to a node. `claim.grace_ms` is their first term.
    ///
    /// The lowest priority goes first. Jobs of one caller, one kind of node and one priority are a line, in their order; a
    /// line whose first job waits gains one priority for every [`AGEING_MS`], counted since something of the line was
    /// handed out, and takes the other lines of its priority along. Between callers of the same priority it goes in turn.
    /// A job goes only to a node that its caller may use when it is handed out; one that is not durable, whose caller
    /// waits, was looked at when it was asked for.
    async fn claim(&self, claim: Claim, now_ms: i64) -> Result<Vec<JobRecord>, StoreError>;
    /// The node begins: `leased` becomes `running`, the lease lasts `ttl_ms` from now. Idempotent.
    async fn start(
        &self,
        job_id: &str,
        node_id: &str,
        epoch: Option<u64>,
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<StartOutcome, StoreError>;
    /// Extends leases. A leased job that is renewed counts as running only after `start`.
    async fn renew(
        &self,
        node_id: &str,
        leases: &[LeaseClaim],
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<Vec<LeaseStatus>, StoreError>;
    /// The node has not begun these and will not: they go back to the queue at once, and the attempt does not count.
    /// Stale leases are left alone. Returns what changed.
    async fn give_back(&self, node_id: &str, leases: &[LeaseClaim], now_ms: i64) -> Result<Vec<Reaped>, StoreError>;
    /// Appends events; those it has are skipped, a gap ends the list there. Extends the lease as `renew` does.
    async fn append_events(
        &self,
        job_id: &str,
        node_id: &str,
        epoch: u64,
        events: &[Event],
        ttl_ms: u64,
        now_ms: i64,
    ) -> Result<Appended, StoreError>;
    /// Ends a job with a node's result, or keeps it as a late one. Durable when the job is.
    async fn finish(&self, node_id: &str, finish: Finish, now_ms: i64) -> Result<FinishedJob, StoreError>;
    /// Asks for a job's end: a queued one ends at once, a leased or running one is marked.
    async fn cancel(&self, job_id: &str, now_ms: i64) -> Result<CancelOutcome, StoreError>;
    /// The jobs of a node whose end was asked for.
    async fn cancels_for(&self, node_id: &str) -> Result<Vec<CancelJob>, StoreError>;
    /// A job.
    async fn job(&self, job_id: &str) -> Result<Option<JobRecord>, StoreError>;
    /// Jobs, newest first, at most `filter.limit`.
    async fn jobs(&self, filter: JobFilter) -> Result<Vec<JobRecord>, StoreError>;
    /// Events of a job after `(epoch, seq)`, oldest first, at most `limit`.
    async fn events(&self, job_id: &str, after: Option<(u64, u64)>, limit: u32)
    -> Result<Vec<StoredEvent>, StoreError>;
    /// The blobs that jobs refer to, as bodies and as bodies of answers, by their SHA-256.
    async fn referred_blobs(&self) -> Result<HashSet<String>, StoreError>;
    /// How many jobs are leased to or running on a node.
    async fn active_jobs(&self, node_id: &str) -> Result<u32, StoreError>;

    /// Ends or re-queues what ran out of time: leases (see [`JobRecord::lease_expires_ms`]), queue times, cancels that no
    /// node answered. Forgets finished jobs older than their retention. Returns what changed.
    async fn reap(&self, now_ms: i64) -> Result<Vec<Reaped>, StoreError>;
    /// The gateway was away and could not take renewals: every lease lasts at least until `until_ms`, or until
    /// `unstarted_ms` when nothing was begun under it: then the answer with the job may be what got lost.
    async fn extend_leases(&self, until_ms: i64, unstarted_ms: i64) -> Result<(), StoreError>;
    /// A newer run of a node's program has begun. What an earlier one did for callers that wait is nowhere kept: the leases
    /// of such jobs end now.
    async fn forsake(&self, node_id: &str, now_ms: i64) -> Result<(), StoreError>;
    /// The gateway was gone, and with it the callers that waited for jobs that are not durable: asks for the end of those,
    /// as `cancel` does. Returns how many there were.
    async fn abandon_relayed(&self, now_ms: i64) -> Result<usize, StoreError>;
}
