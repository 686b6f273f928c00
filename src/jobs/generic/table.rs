//! All jobs that the node knows, under one lock.

use super::audit::Audit;
use super::feed::Feed;
use super::job::GenericJob;
use super::{clock, lifecycle};
use crate::base::unix_ms;
use crate::wire::node::generic::{GenericRecord, GenericSnapshot, GenericState};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// All jobs.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) entries: HashMap<String, Entry>,
    /// Idempotency key → job.
    pub(super) keys: HashMap<String, String>,
    /// Those that ended, the oldest first.
    pub(super) ended: VecDeque<String>,
    /// What runs now, queued before or not.
    pub(super) running: HashMap<String, Active>,
    /// Tenant → when one of its jobs last got a slot, counted in slots that were given.
    pub(super) served: HashMap<String, u64>,
    pub(super) slots_given: u64,
    pub(super) jobs_taken: u64,
    pub(super) audit: Audit,
    pub(super) draining: bool,
}

/// A job that was queued.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) record: GenericRecord,
    pub(super) job: Arc<GenericJob>,
    pub(super) feed: Arc<Feed>,
    /// Of what was asked for, to tell a repetition from another job.
    pub(super) fingerprint: String,
    /// Bytes of what was asked for, as JSON.
    pub(super) size: usize,
    /// Counts jobs as they come.
    pub(super) number: u64,
    pub(super) queued_ms: i64,
    /// After that it does not begin.
    pub(super) deadline_ms: Option<i64>,
    /// When it is queued again.
    pub(super) retry_ms: Option<i64>,
}

/// A job that runs.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) request_id: String,
    pub(super) job_type: &'static str,
    pub(super) tenant_id: String,
    pub(super) cancel: CancellationToken,
}

impl Table {
    /// Everything about a job but its files, which are on a disk.
    pub(super) fn snapshot(&self, job_id: &str) -> Option<GenericSnapshot> {
        let entry = self.entries.get(job_id)?;
        Some(GenericSnapshot {
            job: entry.record.clone(),
            events: entry.feed.events(),
            logs: entry.feed.logs(),
            artifacts: entry.record.artifacts.clone(),
            audit: self.audit.of(job_id),
        })
    }

    /// How many runs a tenant has.
    pub(super) fn runs_of(&self, tenant: &str) -> usize {
        self.running.values().filter(|active| active.tenant_id == tenant).count()
    }

    /// Notes what was done to a job.
    pub(super) fn note(&mut self, job_id: &str, action: &str, detail: Option<String>) {
        let tenant = self.entries.get(job_id).map(|entry| entry.record.tenant_id.clone()).unwrap_or_default();
        self.audit.add(job_id, &tenant, action, detail);
    }
}

impl Entry {
    /// Bytes that it holds, nearly.
    pub(super) fn bytes(&self) -> usize {
        self.size + self.feed.bytes()
    }

    /// Moves on. A step that the lifecycle does not have is a mistake of ours and changes nothing.
    pub(super) fn go(&mut self, to: GenericState) -> bool {
        let from = self.record.state;
        if !lifecycle::follows(from, to) {
            tracing::error!(job_id = self.record.job_id, ?from, ?to, "no such step in a job's life");
            return false;
        }
        let now = unix_ms();
        self.record.state = to;
        self.record.updated_at = clock::iso(now);
        if lifecycle::is_end(to) {
            self.record.finished_at = Some(clock::iso(now));
        }
        true
    }
}
