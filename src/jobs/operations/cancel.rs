//! `workspaces.cancel` and `sessions.cancel`: end every script that runs there, in the background or not. `workspaces.kill`
//! and `sessions.kill`: end only those in the background. (A script's own `&` jobs end with their script.)

use super::{done, execute};
use crate::jobs::engine::Inner;
use crate::jobs::table::Job;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CancelledLines, Failure, JobStatus, KilledJobs, SessionParams, WorkspaceParams};
use futures_util::future::join_all;
use serde_json::{Map, Value};
use std::time::Duration;

/// Scripts stop within a second; one that does not is left to stop later.
const MOMENT: Duration = Duration::from_secs(3);

pub(super) async fn workspace(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    done(&CancelledLines { canceled: end(engine, |job| job.is_of(&params.id, None)).await })
}

pub(super) async fn session(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let SessionParams { id, session_id } = known(engine, params)?;
    done(&CancelledLines { canceled: end(engine, |job| job.is_of(&id, Some(&session_id))).await })
}

pub(super) async fn kill_workspace(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    done(&KilledJobs { killed: end(engine, |job| job.is_background() && job.is_of(&params.id, None)).await })
}

pub(super) async fn kill_session(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let SessionParams { id, session_id } = known(engine, params)?;
    let wanted = |job: &Job| job.is_background() && job.is_of(&id, Some(&session_id));
    done(&KilledJobs { killed: end(engine, wanted).await })
}

fn known(engine: &Inner, params: Map<String, Value>) -> Result<SessionParams, Failure> {
    let params: SessionParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    execute::session(&workspace, Some(&params.session_id))?;
    Ok(params)
}

/// Asks for the end of the jobs that are wanted, waits a moment for it, and counts those that did not come to their own
/// end just before.
pub(super) async fn end(engine: &Inner, wanted: impl Fn(&Job) -> bool) -> usize {
    let jobs = engine.jobs.cancel_running(wanted);
    let all = join_all(jobs.iter().map(|job| job.finished()));
    let _ = tokio::time::timeout(MOMENT, all).await;
    let ended = |job: &&std::sync::Arc<Job>| job.record().end.is_none_or(|end| end.status == JobStatus::Canceled);
    jobs.iter().filter(ended).count()
}
