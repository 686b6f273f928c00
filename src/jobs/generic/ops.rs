//! All jobs at a glance, for an operator.

use super::jobs::GenericJobs;
use super::lifecycle;
use super::table::Table;
use crate::wire::node::generic::GenericState;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Jobs that are listed; the totals count all.
const MAX_JOBS: usize = 200;

impl GenericJobs {
    /// The queue, what is used of what is allowed, and a page of the audit, the newest entry first.
    pub fn ops(&self, capabilities: Value, audit_limit: usize, audit_offset: usize) -> Value {
        let table = self.0.lock();
        let options = &self.0.options;
        json!({
            "node": { "node_id": options.node_id, "draining": table.draining },
            "capabilities": capabilities,
            "queue": queue(&table),
            "quota": {
                "production_enforced": false,
                "limits": {
                    "max_concurrency": options.max_concurrency,
                    "max_queued": options.max_queued,
                    "max_queued_per_tenant": options.max_queued_per_tenant,
                    "max_upload_bytes": options.max_upload_bytes,
                    "max_store_bytes": options.max_store_bytes,
                    "retention_seconds": options.retention.as_secs(),
                    "timeout_ms": u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX),
                },
            },
            "usage": usage(&table),
            "audit": {
                "total": table.audit.total(),
                "offset": audit_offset,
                "limit": audit_limit,
                "events": table.audit.page(audit_offset, audit_limit),
            },
        })
    }
}

fn queue(table: &Table) -> Value {
    let mut totals: BTreeMap<GenericState, u64> = BTreeMap::new();
    for entry in table.entries.values() {
        *totals.entry(entry.record.state).or_default() += 1;
    }
    let count =
        |is: fn(GenericState) -> bool| totals.iter().filter(|(state, _)| is(**state)).map(|(_, n)| n).sum::<u64>();
    let mut newest: Vec<_> = table.entries.values().collect();
    newest.sort_by_key(|entry| std::cmp::Reverse(entry.number));
    let jobs: Vec<Value> = newest
        .into_iter()
        .take(MAX_JOBS)
        .map(|entry| {
            let record = &entry.record;
            json!({
                "job_id": record.job_id,
                "request_id": record.request_id,
                "tenant_id": record.tenant_id,
                "state": record.state,
                "job_type": record.envelope.job_type,
                "priority": record.priority,
                "created_at": record.created_at,
                "updated_at": record.updated_at,
            })
        })
        .collect();
    json!({
        "jobs": jobs,
        "totals_by_state": totals,
        "active_jobs": table.running.len(),
        "queued_jobs": count(|state| matches!(state, GenericState::Queued | GenericState::Retrying)),
        "terminal_jobs": count(lifecycle::is_end),
    })
}

/// What jobs used, by tenant. A job that asked for no GPU used none.
fn usage(table: &Table) -> Value {
    let mut tenants: BTreeMap<&str, (u64, f64, u64)> = BTreeMap::new();
    for entry in table.entries.values() {
        let record = &entry.record;
        let used = tenants.entry(&record.tenant_id).or_default();
        used.0 += 1;
        if let Some(result) = &record.result {
            let at = |text: &Option<String>| text.as_deref().and_then(super::clock::parse);
            let ran =
                at(&result.finished_at).zip(at(&result.started_at)).map_or(0, |(end, start)| (end - start).max(0));
            used.1 += entry.job.gpus as f64 * ran as f64 / 1000.0;
        }
        used.2 += record.artifacts.iter().map(|artifact| artifact.size_bytes).sum::<u64>();
    }
    let all = tenants.values().fold((0, 0.0, 0), |all, one| (all.0 + one.0, all.1 + one.1, all.2 + one.2));
    let tenants: Map<String, Value> = tenants
        .into_iter()
        .map(|(tenant, (jobs, gpu, bytes))| {
            let active = table.runs_of(tenant);
            (
                tenant.to_owned(),
                json!({ "jobs": jobs, "active_jobs": active, "gpu_seconds": gpu, "artifact_bytes": bytes }),
            )
        })
        .collect();
    json!({ "jobs": all.0, "gpu_seconds": all.1, "artifact_bytes": all.2, "by_tenant": tenants })
}
