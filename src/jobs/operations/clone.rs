//! `workspaces.clone`: a copy of a workspace as it is now, or as it was in a version.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CloneParams, Failure};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CloneParams = params::parse(params)?;
    if let Some(at) = &params.at {
        return super::versions::clone_at(engine, &params.id, at, params.new_id).await;
    }
    let source = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    // The owner may have closed a directory since the source was made.
    engine.policy.check_mounts(source.config())?;
    let copy = engine.workspaces.clone_workspace(&params.id, params.new_id).await.map_err(failure::workspace)?;
    tracing::info!(workspace = copy.id(), source = params.id, "workspace cloned");
    done(&view::detail(&copy, false))
}
