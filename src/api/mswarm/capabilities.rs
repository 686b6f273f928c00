//! `GET …/capabilities`: what the node can do, for who is on its machine.

use super::options::MswarmOptions;
use super::refusal::{Refusal, json_response};
use super::service::Mswarm;
use crate::base::{sha256_hex, unix_ms};
use crate::wire::node::SCOPE_CAPABILITIES;
use crate::wire::node::generic::GENERIC_SCHEMA_VERSION;
use axum::body::Body;
use chrono::{DateTime, SecondsFormat};
use hyper::Response;
use hyper::http::request::Parts;
use serde_json::{Value, json};

pub(super) fn answer(mswarm: &Mswarm, head: &Parts) -> Result<Response<Body>, Refusal> {
    must_be_local(&mswarm.options)?;
    mswarm.tokens.open(&head.headers, SCOPE_CAPABILITIES)?;
    Ok(json_response(200, &projection(&mswarm.options)))
}

/// # Errors
/// 403 `owner_local_required`.
pub(super) fn must_be_local(options: &MswarmOptions) -> Result<(), Refusal> {
    if options.owner_local {
        return Ok(());
    }
    let text = "this is only answered by a node that nobody but its own machine can reach";
    Err(Refusal::new(403, "owner_local_required", text))
}

/// What anybody may know. Nothing was looked for on the machine: no runner that is here would use it.
pub(super) fn projection(options: &MswarmOptions) -> Value {
    let job_types = options.generic.as_ref().map(crate::jobs::generic::GenericJobs::job_types).unwrap_or_default();
    let mut capabilities: Vec<String> = job_types.iter().map(|job_type| format!("job_type:{job_type}")).collect();
    if options.generic.is_some() {
        capabilities.push("generic_jobs".to_owned());
    }
    capabilities.sort();
    let absent = json!({ "available": false, "status": "unknown" });
    let captured_at = DateTime::from_timestamp_millis(unix_ms()).unwrap_or_default();
    let mut projection = json!({
        "schema_version": GENERIC_SCHEMA_VERSION,
        "snapshot_id": "",
        "captured_at": captured_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "generic_jobs_enabled": options.generic.is_some(),
        "job_types": job_types,
        "accelerators": { "gpu": { "available": false, "count": 0, "vendors": [], "cuda": false, "vram_tier": "none" } },
        "software": { "docker_nvidia": absent, "blender": absent, "ffmpeg": absent },
        "capabilities": capabilities,
    });
    let hash = sha256_hex(projection.to_string().as_bytes());
    projection["snapshot_id"] = format!("caps_{}", &hash[..16]).into();
    projection
}
