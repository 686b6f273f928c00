//! What was done to jobs, in order. The oldest entries go when there are too many; their number stays known.

use super::clock;
use crate::base::unix_ms;
use crate::wire::node::generic::AuditEntry;
use std::collections::VecDeque;

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Audit {
    entries: VecDeque<AuditEntry>,
    total: u64,
    pub(super) most: usize,
}

impl Audit {
    pub(super) fn add(&mut self, job_id: &str, tenant_id: &str, action: &str, detail: Option<String>) {
        self.total += 1;
        self.entries.push_back(AuditEntry {
            sequence: self.total,
            timestamp: clock::iso(unix_ms()),
            action: action.to_owned(),
            job_id: job_id.to_owned(),
            tenant_id: tenant_id.to_owned(),
            detail,
        });
        while self.entries.len() > self.most {
            self.entries.pop_front();
        }
    }

    pub(super) fn of(&self, job_id: &str) -> Vec<AuditEntry> {
        self.entries.iter().filter(|entry| entry.job_id == job_id).cloned().collect()
    }

    /// The newest first, from `offset` on.
    pub(super) fn page(&self, offset: usize, limit: usize) -> Vec<AuditEntry> {
        self.entries.iter().rev().skip(offset).take(limit).cloned().collect()
    }

    /// How many there ever were.
    pub(super) fn total(&self) -> u64 {
        self.total
    }
}
