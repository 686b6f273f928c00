//! `versions.commit`: keeps the workspace as it is now as the newest version of a branch.

use super::super::done;
use super::store;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{BranchHead, CommitParams, Failure};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let CommitParams { id, message, branch } = params::parse(params)?;
    let workspace = engine.workspaces.get(&id).map_err(failure::workspace)?;
    let to = branch.clone();
    let version = store::call(engine, move |versions| {
        versions.commit(&workspace.owner(), &to, &message, &|| workspace.capture())
    })
    .await?;
    tracing::info!(workspace = id, branch, version, "version kept");
    done(&BranchHead { branch, version })
}
