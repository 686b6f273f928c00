//! One file per operation, under its name.

mod arguments;
mod asks;
mod cancel;
mod clone;
mod close;
mod create;
mod delete;
mod disk_files;
mod execute;
mod get;
mod glob;
mod health;
mod jobs_cancel;
mod jobs_get;
mod jobs_list;
mod jobs_output;
mod jobs_wait;
mod list;
mod load;
mod overrides;
mod provision;
mod refresh;
mod sessions_create;
mod sessions_delete;
mod sessions_list;
mod sessions_update;
mod snapshot;
mod snapshot_to;
mod stream;
mod tools;
mod versions;
mod vfs;
mod view;

use super::engine::Inner;
use super::outcome::{Outcome, RunContext};
use super::stop::Stop;
use super::upload::Upload;
use crate::wire::v1::{ErrorCode, Failure, OperationRequest};
use serde::Serialize;
use std::sync::Arc;

/// Runs the operation that a request names.
pub(super) async fn run(
    engine: &Arc<Inner>,
    request: OperationRequest,
    upload: Option<Upload>,
    context: &RunContext,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let OperationRequest { operation, params, body } = request;
    match operation.as_str() {
        "health" => health::run(engine),
        "workspaces.create" => create::run(engine, params).await,
        "workspaces.list" => list::run(engine),
        "workspaces.get" => get::run(engine, params),
        "workspaces.delete" => delete::run(engine, params).await,
        "workspaces.close" => close::run(engine, params).await,
        "workspaces.cancel" => cancel::workspace(engine, params).await,
        "workspaces.kill" => cancel::kill_workspace(engine, params).await,
        "workspaces.refresh" => refresh::run(engine, params).await,
        "workspaces.clone" => clone::run(engine, params, context).await,
        "workspaces.snapshot" => snapshot::run(engine, params, stop),
        "workspaces.snapshot_to" => snapshot_to::run(engine, params, stop).await,
        "workspaces.load" => load::run(engine, params, load::archive(upload, body), context, stop).await,
        "workspaces.execute" | "workspaces.shell" => execute::run(engine, params, body, context, stop).await,
        "workspaces.glob" => glob::run(engine, params, stop).await,
        "sessions.create" => sessions_create::run(engine, params).await,
        "sessions.list" => sessions_list::run(engine, params),
        "sessions.update" => sessions_update::run(engine, params),
        "sessions.cancel" => cancel::session(engine, params).await,
        "sessions.kill" => cancel::kill_session(engine, params).await,
        "asks.list" => asks::list(engine, params),
        "asks.answer" => asks::answer(engine, params),
        "sessions.delete" => sessions_delete::run(engine, params).await,
        name if name.starts_with("versions.") => versions::run(engine, name, params, context).await,
        name if name.starts_with("vfs.") => vfs::run(engine, name, params, stop).await,
        name if name.starts_with("tools.") => tools::run(engine, name, params, context, stop).await,
        "jobs.list" => jobs_list::run(engine, params, context).await,
        "jobs.get" => jobs_get::run(engine, params).await,
        "jobs.wait" => jobs_wait::run(engine, params, stop).await,
        "jobs.output" => jobs_output::run(engine, params).await,
        "jobs.cancel" => jobs_cancel::run(engine, params).await,
        _ => Err(unknown(&operation)),
    }
}

fn unknown(operation: &str) -> Failure {
    Failure::new(ErrorCode::UnsupportedOperation, format!("'{operation}' is not an operation here"))
        .hint("the operations are those of /v1, e.g. workspaces.execute")
}

/// A success with this answer.
fn done(answer: &impl Serialize) -> Result<Outcome, Failure> {
    let value = serde_json::to_value(answer).map_err(|error| {
        tracing::error!(%error, "an answer cannot be said in JSON");
        Failure::new(ErrorCode::Internal, "internal error")
    })?;
    Ok(Outcome::done(value))
}

fn job_not_found(id: &str) -> Failure {
    Failure::new(ErrorCode::JobNotFound, "job not found")
        .hint(format!("there is no job '{id}'; jobs.list names those that are kept"))
}
