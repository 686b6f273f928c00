//! What a caller may do who may only do what stays inside workspaces: nothing that reaches the host, another machine, or a
//! workspace that does.

use super::engine::Inner;
use super::failure;
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use crate::workspace::{Backend, WorkspaceConfig};
use serde_json::Value;

/// Whether a request may be carried out for such a caller, as far as that can be seen before.
///
/// # Errors
/// [`ErrorCode::Unauthorized`], naming what reaches outside.
pub(super) async fn check_request(engine: &Inner, request: &OperationRequest) -> Result<(), Failure> {
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
        check_config(&config)?;
    }
    if let Some(replaced) = params.get("override") {
        check_override(replaced)?;
    }
    match text(params.get("id")) {
        // One that does not exist yet, or any more, is no way out.
        id if engine.workspaces.get(id).is_ok() && !is_inside(engine, id) => {
            Err(outside(&format!("the workspace '{id}' has mounts outside, and using it")))
        }
        _ => Ok(()),
    }
}

/// Whether all mounts of a configuration are the workspace's own memory.
///
/// # Errors
/// [`ErrorCode::Unauthorized`], naming the mount.
pub(super) fn check_config(config: &WorkspaceConfig) -> Result<(), Failure> {
    match config.mounts.iter().find(|mount| mount.backend != Backend::Ram) {
        None => Ok(()),
        Some(mount) => Err(outside(&format!("the {} mount at {}", mount.backend.name(), mount.prefix))),
    }
}

/// Whether a workspace exists and has no mount outside.
pub(super) fn is_inside(engine: &Inner, workspace: &str) -> bool {
    engine.workspaces.get(workspace).is_ok_and(|workspace| check_config(workspace.config()).is_ok())
}

/// A job's output may hold what its workspace reached. That of a workspace that is gone may, too.
async fn check_job(engine: &Inner, id: &str) -> Result<(), Failure> {
    match engine.jobs.get(id).await.map_err(|error| failure::database(&error))? {
        Some(job) if !is_inside(engine, &job.workspace_id) => Err(outside(&format!(
            "the job belongs to '{}', a workspace that is gone or has mounts outside; it",
            job.workspace_id
        ))),
        _ => Ok(()),
    }
}

/// Any other mount than memory, in whatever form and depth: what is not understood here might be understood later.
fn check_override(replaced: &Value) -> Result<(), Failure> {
    match replaced {
        Value::Array(values) => values.iter().try_for_each(check_override),
        Value::Object(block) => block.iter().try_for_each(|(key, value)| {
            let names_backend = ["resource", "vfs", "type"].iter().any(|name| key.eq_ignore_ascii_case(name));
            if names_backend && value.as_str().is_some_and(|backend| backend != "ram") {
                return Err(outside("a mount of that type in `override`"));
            }
            check_override(value)
        }),
        _ => Ok(()),
    }
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn outside(what: &str) -> Failure {
    Failure::new(ErrorCode::Unauthorized, format!("{what} needs a token, because it reaches outside"))
}
