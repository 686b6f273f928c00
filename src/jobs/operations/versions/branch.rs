//! `versions.branch`: a new branch at the newest version of another.

use super::super::done;
use super::store;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{BranchHead, BranchParams, Failure};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let BranchParams { id, name: branch, from_branch } = params::parse(params)?;
    let owner = engine.workspaces.get(&id).map_err(failure::workspace)?.owner();
    let name = branch.clone();
    let version = store::call(engine, move |versions| versions.branch(&owner, &name, &from_branch)).await?;
    done(&BranchHead { branch, version })
}
