//! `workspaces.delete`: ends a workspace and what runs in it. The records of its jobs stay, and so do its versions.

use super::done;
use crate::base::unix_seconds;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{DeletedWorkspace, Failure, WorkspaceParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.jobs.cancel_running(|job| job.is_of(&params.id, None));
    engine.workspaces.delete(&params.id).await.map_err(failure::workspace)?;
    if let Some(versions) = &engine.versions {
        versions.forget(&params.id);
    }
    tracing::info!(workspace = params.id, "workspace deleted");
    let closed_at = unix_seconds();
    done(&DeletedWorkspace { id: params.id, closed_at, closed_at_camel: closed_at })
}
