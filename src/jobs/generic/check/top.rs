//! The job itself.

use super::issues::Issues;
use super::{args, files, limits, policy, resources, scheduling};
use crate::jobs::generic::catalogue::{self, NoKind};
use crate::jobs::generic::job::GenericJob;
use crate::wire::node::generic::{GENERIC_SCHEMA_VERSION, ValidationIssue};
use serde_json::{Map, Value};

/// Whose jobs those are that do not say.
const OWNER: &str = "owner-local";
/// The most retries that a job may ask for.
const MAX_RETRIES: u64 = 3;

const FIELDS: &[&str] = &[
    "schema_version",
    "job_type",
    "idempotency_key",
    "runner_hint",
    "inputs",
    "args",
    "resources",
    "limits",
    "scheduling",
    "outputs",
    "policy",
    "metadata",
];
/// Fields of model jobs: who sends them has the wrong route.
const LLM_FIELDS: &[&str] =
    &["openai_request", "messages", "model", "agent_slug", "adapter", "source_agent_slug", "execution_runtime"];

/// The job that `value` describes.
///
/// # Errors
/// Everything that is wrong with it.
pub(in crate::jobs::generic) fn check(value: &Value) -> Result<GenericJob, Vec<ValidationIssue>> {
    let mut issues = Issues::default();
    let Value::Object(job) = value else {
        issues.add("invalid_request", "job", "must be an object", Some(value));
        return Err(issues.into_vec());
    };
    for (key, value) in job.iter().filter(|(key, _)| !FIELDS.contains(&key.as_str())) {
        if LLM_FIELDS.contains(&key.as_str()) {
            let text = format!("'{key}' is a field of model jobs: those go to the route /jobs");
            issues.add("llm_field_not_allowed", key, text, None);
        } else {
            issues.add("unknown_field", key, format!("there is no field '{key}' here"), Some(value));
        }
    }
    if job.get("schema_version").and_then(Value::as_str) != Some(GENERIC_SCHEMA_VERSION) {
        let text = format!("must be \"{GENERIC_SCHEMA_VERSION}\"");
        issues.add("invalid_schema_version", "schema_version", text, job.get("schema_version"));
    }
    let kind = kind(&mut issues, job);
    let idempotency_key = issues.text("invalid_request", "", job, "idempotency_key");
    let runner_hint = issues.text("invalid_request", "", job, "runner_hint");
    let artifact_bytes = policy::check(&mut issues, job.get("policy"));
    let mut limits = limits::check(&mut issues, job.get("limits"));
    limits.artifact_bytes = artifact_bytes.unwrap_or(limits.artifact_bytes).min(limits.output_bytes);
    let (priority, deadline_ms) = scheduling::check(&mut issues, job.get("scheduling"));
    let gpus = resources::check(&mut issues, job.get("resources"));
    let inputs = files::inputs(&mut issues, job.get("inputs"));
    let outputs = files::outputs(&mut issues, job.get("outputs"));
    let args = args::check(&mut issues, kind, job.get("args"));
    let (tenant_id, max_retries) = metadata(&mut issues, job.get("metadata"));
    let issues = issues.into_vec();
    match kind {
        Some(kind) if issues.is_empty() => Ok(GenericJob {
            kind,
            runner_hint,
            idempotency_key,
            tenant_id,
            args,
            inputs,
            outputs,
            gpus,
            limits,
            priority,
            deadline_ms,
            max_retries,
        }),
        _ => Err(issues),
    }
}

fn kind(issues: &mut Issues, job: &Map<String, Value>) -> Option<&'static catalogue::Kind> {
    let given = job.get("job_type");
    match catalogue::kind(given.and_then(Value::as_str).unwrap_or_default()) {
        Ok(kind) => Some(kind),
        Err(NoKind::Unregistered) => {
            issues.add("unregistered_job_type", "job_type", "this node has no such job type registered", given);
            None
        }
        Err(NoKind::Unknown) => {
            issues.add("invalid_job_type", "job_type", "is not a type of generic jobs", given);
            None
        }
    }
}

/// Whose job it is, and how often it is run again.
fn metadata(issues: &mut Issues, value: Option<&Value>) -> (String, u32) {
    let none = (OWNER.to_owned(), 0);
    let Some(metadata) = issues.object("invalid_request", "metadata", value) else { return none };
    args::refuse_unsafe_metadata(issues, metadata);
    let tenant = issues.text("invalid_request", "metadata", metadata, "tenant_id").unwrap_or(none.0);
    let retry = issues.object("invalid_request", "metadata.retry", metadata.get("retry"));
    let max = retry.and_then(|retry| retry.get("max_retries"));
    let retries = max.map_or(Some(0), |max| max.as_u64().filter(|max| *max <= MAX_RETRIES));
    if retries.is_none() {
        issues.add("invalid_request", "metadata.retry.max_retries", "must be a whole number from 0 to 3", max);
    }
    (tenant, u32::try_from(retries.unwrap_or(0)).unwrap_or(0))
}
