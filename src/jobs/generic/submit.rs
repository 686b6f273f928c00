//! Puts a job into the queue, once.

use super::feed::Feed;
use super::job::GenericJob;
use super::jobs::{GenericJobs, Inner};
use super::refusal::GenericRefusal;
use super::table::{Entry, Table};
use super::{check, clock, dispatch, lifecycle};
use crate::base::{sha256_hex, unix_ms};
use crate::wire::node::generic::{
    EnvelopeRecord, GENERIC_SCHEMA_VERSION, GenericEnvelope, GenericEventType, GenericRecord, GenericSnapshot,
    GenericState, RetryRecord,
};
use std::sync::Arc;

/// Bytes of jobs that wait, beyond which no further one is taken.
const MAX_BYTES: usize = 256 << 20;

/// A job and the right by which it comes.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The job.
    pub envelope: GenericEnvelope,
    /// SHA-256 of the token in hex: all that is kept of it.
    pub token_sha256: String,
    /// Until when the job may begin, milliseconds since 1970.
    pub deadline_ms: Option<i64>,
    /// Runners that it may use; none are all.
    pub runners: Option<Vec<String>>,
}

/// What became of it.
#[derive(Debug)]
pub struct Submitted {
    /// The job as it is.
    pub snapshot: GenericSnapshot,
    /// Whether it was there before.
    pub reused: bool,
}

impl GenericJobs {
    /// Queues a job. One that is the same as one before, by its idempotency key, is that one. `permit` is asked last, when
    /// nothing else is in the way, and only for a job that is new.
    ///
    /// # Errors
    /// [`GenericRefusal`]; [`GenericRefusal::NotPermitted`] when `permit` says no.
    pub fn submit(&self, submission: Submission, permit: impl FnOnce() -> bool) -> Result<Submitted, GenericRefusal> {
        let job = admit(&submission)?;
        let id = submission.envelope.job_id.clone();
        let key = key(&job, &submission.envelope);
        let fingerprint = sha256_hex(format!("{id}\n{}", submission.envelope.job).as_bytes());
        let mut table = self.0.lock();
        if let Some(known) = reused(&table, &id, &key, &fingerprint)? {
            table.note(&known, "job_idempotent_reused", None);
            let snapshot = table.snapshot(&known).ok_or(GenericRefusal::NotFound)?;
            return Ok(Submitted { snapshot, reused: true });
        }
        self.0.has_room(&table, &id, &job.tenant_id)?;
        if !permit() {
            return Err(GenericRefusal::NotPermitted);
        }
        let entry = self.0.entry(submission, job, key.clone(), fingerprint, &mut table);
        entry.feed.event(GenericEventType::Queued, None, None);
        table.keys.insert(key, id.clone());
        table.entries.insert(id.clone(), entry);
        for action in ["job_created", "envelope_issued", "job_queued"] {
            table.note(&id, action, None);
        }
        dispatch::dispatch(&self.0, &mut table);
        // Its deadline may be the next thing that is due.
        self.0.changed.notify_one();
        let snapshot = table.snapshot(&id).ok_or(GenericRefusal::NotFound)?;
        Ok(Submitted { snapshot, reused: false })
    }
}

/// The job, when it is good and its sender may run it.
pub(super) fn admit(submission: &Submission) -> Result<GenericJob, GenericRefusal> {
    let job = check::check(&submission.envelope.job).map_err(GenericRefusal::Invalid)?;
    match &submission.runners {
        Some(allowed) if !allowed.iter().any(|runner| runner == job.kind.runner) => {
            Err(GenericRefusal::RunnerNotAllowed(job.kind.runner.to_owned()))
        }
        _ => Ok(job),
    }
}

fn key(job: &GenericJob, envelope: &GenericEnvelope) -> String {
    let own = job.idempotency_key.as_deref().unwrap_or(&envelope.job_id);
    format!("{}:{own}", job.tenant_id)
}

/// The job that this one repeats.
fn reused(table: &Table, id: &str, key: &str, fingerprint: &str) -> Result<Option<String>, GenericRefusal> {
    let same = |known: &String| table.entries.get(known).is_some_and(|entry| entry.fingerprint == fingerprint);
    if let Some(known) = table.keys.get(key) {
        return if same(known) { Ok(Some(known.clone())) } else { Err(GenericRefusal::IdempotencyConflict) };
    }
    if table.entries.contains_key(id) { Err(GenericRefusal::JobIdConflict) } else { Ok(None) }
}

impl Inner {
    fn has_room(&self, table: &Table, id: &str, tenant: &str) -> Result<(), GenericRefusal> {
        if table.draining {
            return Err(GenericRefusal::Draining);
        }
        if table.running.contains_key(id) {
            return Err(GenericRefusal::AlreadyRunning);
        }
        let waits = |entry: &&Entry| !lifecycle::is_end(entry.record.state);
        let all = table.entries.values().filter(waits);
        let (own, all, bytes) = all.fold((0, 0, 0), |(own, all, bytes), entry| {
            (own + usize::from(entry.record.tenant_id == tenant), all + 1, bytes + entry.size)
        });
        let full = all >= self.options.max_queued || own >= self.options.max_queued_per_tenant || bytes >= MAX_BYTES;
        if full { Err(GenericRefusal::QueueFull) } else { Ok(()) }
    }

    fn entry(&self, of: Submission, job: GenericJob, key: String, fingerprint: String, table: &mut Table) -> Entry {
        let now = unix_ms();
        let at = clock::iso(now);
        let deadline_ms = [of.deadline_ms, job.deadline_ms].into_iter().flatten().min();
        let envelope = of.envelope;
        let record = GenericRecord {
            schema_version: GENERIC_SCHEMA_VERSION.to_owned(),
            job_id: envelope.job_id.clone(),
            request_id: envelope.request_id.clone(),
            node_id: self.options.node_id.clone(),
            tenant_id: job.tenant_id.clone(),
            state: GenericState::Queued,
            job: envelope.job,
            idempotency_key: key,
            priority: job.priority,
            created_at: at.clone(),
            updated_at: at.clone(),
            queued_at: at.clone(),
            scheduled_at: None,
            started_at: None,
            finished_at: None,
            retry: RetryRecord {
                max_retries: job.max_retries,
                retry_count: 0,
                retryable_error_codes: vec!["timeout".to_owned()],
                next_retry_at: None,
            },
            reservation: None,
            backpressure: None,
            envelope: EnvelopeRecord {
                job_id: envelope.job_id.clone(),
                request_id: envelope.request_id,
                node_id: self.options.node_id.clone(),
                schema_version: GENERIC_SCHEMA_VERSION.to_owned(),
                job_type: job.kind.job_type.to_owned(),
                token_sha256: of.token_sha256,
                issued_at: at,
                expires_at: deadline_ms.map(clock::iso),
            },
            result: None,
            artifacts: Vec::new(),
        };
        table.jobs_taken += 1;
        Entry {
            size: record.job.to_string().len(),
            feed: Arc::new(Feed::new(&envelope.job_id, None)),
            record,
            job: Arc::new(job),
            fingerprint,
            number: table.jobs_taken,
            queued_ms: now,
            deadline_ms,
            retry_ms: None,
        }
    }
}
