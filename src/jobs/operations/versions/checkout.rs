//! `versions.checkout`: makes a workspace what it was in a version, in place. Later commits go where they would have gone.

use super::super::{done, view};
use super::store;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CheckoutParams, Failure};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let CheckoutParams { id, reference } = params::parse(params)?;
    let workspace = engine.workspaces.get(&id).map_err(failure::workspace)?;
    // The owner may have closed a directory since the workspace was made, and this writes to it.
    engine.policy.check_mounts(workspace.config())?;
    let owner = workspace.owner();
    let version = store::call(engine, move |versions| versions.read(&owner, &reference)).await?;
    let kept = version.id.clone();
    workspace.restore(version).await.map_err(failure::workspace)?;
    tracing::info!(workspace = id, version = kept, "version checked out");
    done(&view::detail(&workspace, false))
}
