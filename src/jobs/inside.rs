//! What a caller may do who may only do what stays inside workspaces: nothing that reaches the host, another machine, or a
//! workspace that does. What an archive, an override or a version brings in is looked at by the operation that reads it.

use super::engine::Inner;
use super::failure;
use super::outcome::RunContext;
use super::table::JobRecord;
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use crate::workspace::{Backend, WorkspaceConfig};
use serde_json::Value;

/// Whether a request may be carried out for such a caller, as far as that can be seen before.
///
/// # Errors
/// [`ErrorCode::Unauthorized`], naming what reaches outside.
pub(super) async fn check_request(
    engine: &Inner,
    request: &OperationRequest,
    context: &RunContext,
) -> Result<(), Failure> {
    let OperationRequest { operation, params, .. } = request;
    match operation.as_str() {
        "workspaces.snapshot_to" => return Err(outside("writing a snapshot to a file of this machine")),
        "workspaces.load" if params.contains_key("path") => {
            return Err(outside("loading a file of this machine"));
        }
        "jobs.get" | "jobs.wait" | "jobs.output" | "jobs.cancel" => {
            return check_job(engine, text(params.get("job_id"))).await;
        }
        _ => {}
    }
    // What is not a configuration is refused as that, later.
    if let Some(Ok(config)) = params.get("config").map(WorkspaceConfig::from_json) {
        check_config(context, &config)?;
    }
    let id = text(params.get("id"));
    match engine.workspaces.get(id) {
        Ok(workspace) if !has_only_memory(workspace.config()) => {
            Err(outside(&format!("the workspace '{id}' has mounts outside, and using it")))
        }
        // What it is made of is in the store. Creating it anew gives it back only to the same configuration.
        Err(_) if engine.workspaces.is_closed(id) && operation != "workspaces.create" => {
            Err(outside(&format!("the workspace '{id}' is closed, and using it")))
        }
        // One that does not exist yet, or any more, is no way out.
        _ => Ok(()),
    }
}

/// Whether all mounts of a configuration are the workspace's own memory, for a caller for whom that matters.
///
/// # Errors
/// [`ErrorCode::Unauthorized`], naming the mount.
pub(super) fn check_config(context: &RunContext, config: &WorkspaceConfig) -> Result<(), Failure> {
    match config.mounts.iter().find(|mount| context.inside_only && mount.backend != Backend::Ram) {
        None => Ok(()),
        Some(mount) => Err(outside(&format!("the {} mount at {}", mount.backend.name(), mount.prefix))),
    }
}

/// Whether a job's workspace exists and has no mount outside. An earlier workspace of the same id is another one.
pub(super) fn is_inside(engine: &Inner, job: &JobRecord) -> bool {
    engine.workspaces.get(&job.workspace_id).is_ok_and(|workspace| {
        let is_its_own = job.submitted_at * 1000.0 >= workspace.created_ms() as f64;
        is_its_own && has_only_memory(workspace.config())
    })
}

/// A refusal of `what` for want of a token.
pub(super) fn outside(what: &str) -> Failure {
    Failure::new(ErrorCode::Unauthorized, format!("{what} needs a token, because it reaches outside"))
}

/// A job's output may hold what its workspace reached. That of a workspace that is gone may, too.
async fn check_job(engine: &Inner, id: &str) -> Result<(), Failure> {
    match engine.jobs.get(id).await.map_err(|error| failure::database(&error))? {
        Some(job) if !is_inside(engine, &job) => Err(outside(&format!(
            "the job belongs to '{}', a workspace that is gone or has mounts outside; it",
            job.workspace_id
        ))),
        _ => Ok(()),
    }
}

fn has_only_memory(config: &WorkspaceConfig) -> bool {
    config.mounts.iter().all(|mount| mount.backend == Backend::Ram)
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}
