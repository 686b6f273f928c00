//! `workspaces.close`: ends what runs in a workspace and lets go of it. What is kept of it stays: it is there again after
//! the node's next start, or when it is created anew with the same configuration. Until then its id is taken.

use super::{cancel, done};
use crate::base::unix_seconds;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{DeletedWorkspace, Failure, WorkspaceParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    cancel::end(engine, |job| job.is_of(&params.id, None)).await;
    engine.workspaces.close(&params.id).await.map_err(failure::workspace)?;
    tracing::info!(workspace = params.id, "workspace closed");
    let closed_at = unix_seconds();
    done(&DeletedWorkspace { id: params.id, closed_at, closed_at_camel: closed_at })
}
