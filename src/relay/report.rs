//! What a heartbeat says.

use super::capabilities::Capabilities;
use super::pressure::pressure;
use super::shared::Shared;
use crate::base::unix_ms;
use crate::wire::PROTOCOL;
use crate::wire::node::{
    Capacity, CatalogSummary, ClassCapacity, DiscoveryStatus, ExecutionClasses, HealthReport, HeartbeatRequest,
    NodeCondition, OllamaStatus, RuntimeReport,
};
use std::sync::PoisonError;
use std::time::SystemTime;

/// The heartbeat's body now.
pub(super) fn heartbeat(shared: &Shared, capabilities: &Capabilities, starting: bool) -> HeartbeatRequest {
    let config = &shared.config;
    let healthy = shared.healthy();
    let lifecycle = shared.link.standing().mismatch.map(|mismatch| mismatch.lifecycle);
    let load = config.load_reporting_enabled.unwrap_or(true);
    let drain_mode = shared.draining();
    let health = shared.health.report(healthy);
    let direct = shared.board.snapshot().direct;
    HeartbeatRequest {
        node_id: shared.node_id.clone(),
        node_version: shared.version.clone(),
        runtime_protocol_version: PROTOCOL,
        config_version: config.config_version,
        status: if healthy { "online" } else { "degraded" }.to_owned(),
        runtime: RuntimeReport {
            protocol_version: PROTOCOL,
            relay_mode: config.relay_mode.clone().unwrap_or_else(|| "outbound".to_owned()),
            load_reporting_enabled: load,
            hardware_telemetry_enabled: config.hardware_telemetry_enabled.unwrap_or(false),
            drain_mode,
            lifecycle: lifecycle.clone(),
        },
        discovery: DiscoveryStatus { source: "mcoda".to_owned(), mcoda_status: Some("ok".to_owned()) },
        ollama: OllamaStatus::default(),
        capacity: capacity(shared, load, drain_mode),
        health: HealthReport {
            lifecycle_status: lifecycle.as_ref().map(|lifecycle| lifecycle.status.clone()),
            lifecycle_reason: lifecycle.as_ref().map(|lifecycle| lifecycle.reason.clone()),
            lifecycle_message: lifecycle.map(|lifecycle| lifecycle.message),
            ..health
        },
        local_agent_catalog: CatalogSummary {
            revision: shared.catalog.fingerprint().to_owned(),
            metadata_version: 1,
            model_count: count(shared.catalog.models().len()),
            exposed_model_count: count(shared.catalog.exposed()),
        },
        client_allowlist: shared.clients.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        models: shared.catalog.models().iter().filter_map(|model| serde_json::to_value(model).ok()).collect(),
        capabilities: capabilities.signed(&shared.client.token(), SystemTime::now()),
        hardware_pressure: config.hardware_telemetry_enabled.unwrap_or(false).then(pressure),
        instance_id: Some(shared.instance_id.clone()),
        starting,
        labels: config.labels.clone().unwrap_or_default(),
        conditions: conditions(shared),
        direct_base_url: direct.as_ref().map(|direct| direct.url.clone()),
        direct_fingerprint: direct.filter(|direct| direct.pinned).and_then(|direct| direct.fingerprint),
    }
}

fn capacity(shared: &Shared, load: bool, drain_mode: bool) -> Capacity {
    let (active_jobs, queued_jobs) = (shared.slots.active(), shared.slots.queued());
    if !load {
        return Capacity { active_jobs, queued_jobs, ..Capacity::default() };
    }
    let total = shared.slots.total();
    let llm = shared.config.max_concurrent_llm_jobs.unwrap_or(total).min(total);
    let free_slots = shared.free_slots();
    let class = |pool: &str, max_concurrency, free_slots| ClassCapacity {
        pool: pool.to_owned(),
        max_concurrency,
        active_jobs: 0,
        queued_jobs: 0,
        free_slots,
    };
    Capacity {
        protocol_version: Some(1),
        runtime_protocol_version: Some(PROTOCOL),
        load_balancer_protocol_version: Some(1),
        catalog_metadata_version: Some(1),
        catalog_fingerprint: Some(shared.catalog.fingerprint().to_owned()),
        max_concurrency: Some(total),
        max_concurrent_llm_jobs: Some(llm),
        max_concurrent_generic_jobs: Some(0),
        active_jobs,
        queued_jobs,
        free_slots: Some(free_slots),
        drain_mode: Some(drain_mode),
        execution_class_capacity: Some(ExecutionClasses {
            chat: class("llm", llm, free_slots.min(llm)),
            agentic: class("llm", llm, free_slots.min(llm)),
            generic_job: class("generic", 1, 0),
        }),
        more: serde_json::Map::new(),
    }
}

fn count(models: usize) -> u32 {
    u32::try_from(models).unwrap_or(u32::MAX)
}

/// The node's own view. The link is left out while it is bad: this very heartbeat proves that it is not.
fn conditions(shared: &Shared) -> Vec<NodeCondition> {
    let now = unix_ms();
    let conditions = shared.board.snapshot().conditions;
    conditions
        .into_iter()
        .filter(|condition| condition.ok || condition.kind != "link")
        .map(|condition| NodeCondition {
            for_ms: u64::try_from(now - condition.since_ms).unwrap_or(0),
            kind: condition.kind,
            ok: condition.ok,
            reason: condition.reason,
            message: condition.message,
        })
        .collect()
}
