//! A job as it is handed to a node.

use crate::base::unix_ms;
use crate::gateway::models::ALIASES;
use crate::gateway::store::JobRecord;
use crate::wire::node::{Job, Lease};
use serde_json::{Map, Value, json};

/// How long a result is wanted when nobody waits at a connection for it: as long as finished jobs are kept.
const DURABLE_EXPIRES_MS: u64 = 7 * 24 * 3_600_000;
/// How much longer than the job may run its result is wanted by a caller that waits.
const RELAYED_GRACE_MS: u64 = 60_000;

/// The job with its lease. `grace_ms` is the lease's first term when the store does not say.
pub(crate) fn hand_out(record: JobRecord, node_id: &str, grace_ms: u64) -> Job {
    let left = record.lease_expires_ms.and_then(|end| u64::try_from(end - unix_ms()).ok());
    // The first term is what is left of the grace, so a node that renews at a third of it is never late.
    let lease = Lease {
        id: record.lease_id.unwrap_or_default(),
        epoch: record.epoch,
        ttl_ms: left.unwrap_or(grace_ms).min(grace_ms),
    };
    let job = record.job;
    let protocol_1 = job.min_protocol < 2;
    let expires_ms = if job.durable { DURABLE_EXPIRES_MS } else { job.timeout_ms.saturating_add(RELAYED_GRACE_MS) };
    let (params, rest) =
        if protocol_1 { (None, protocol_1_fields(job.params)) } else { (Some(job.params), Map::new()) };
    Job {
        request_id: record.id.clone(),
        job_id: record.id,
        node_id: node_id.to_owned(),
        operation: Some(job.operation),
        params,
        body: job.body,
        lease: Some(lease),
        timeout_ms: Some(job.timeout_ms),
        expires_ms: Some(expires_ms),
        durable: Some(job.durable),
        stream_answer: !job.durable,
        rest,
    }
}

/// Protocol 1 keeps its fields beside the job's own. Tools are off unless the caller asks: such nodes have them on.
fn protocol_1_fields(mut fields: Map<String, Value>) -> Map<String, Value> {
    let own = ["job_id", "request_id", "node_id", "operation", "params", "body", "lease", ALIASES];
    for name in own.into_iter().chain(["timeout_ms", "expires_ms", "durable", "stream_answer"]) {
        fields.remove(name);
    }
    if !fields.contains_key("policy") {
        fields.insert("policy".to_owned(), json!({"allow_tools": false, "execution_class": "chat"}));
    }
    fields
}
