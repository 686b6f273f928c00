//! `versions.diff`: what differs between two versions, or a version and the workspace as it is.

use super::super::done;
use super::store;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, RunContext, failure, params};
use crate::wire::v1::{DiffAnswer, DiffParams, Failure};
use crate::workspace::Side;
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, context: &RunContext) -> Result<Outcome, Failure> {
    let DiffParams { id, a, b, branch } = params::parse(params)?;
    let owner = store::owner(engine, &id, context)?;
    let older = match a.clone() {
        Some(a) => Side::Version(a),
        None => Side::Head(branch),
    };
    let newer = match (a, b) {
        (Some(_), Some(b)) => Side::Version(b),
        // Only a comparison of two versions needs no workspace.
        _ => Side::Live(engine.workspaces.get(&id).map_err(failure::workspace)?.capture()),
    };
    let found = store::call(engine, move |versions| versions.diff(&owner, &older, &newer)).await?;
    done(&DiffAnswer { added: found.added, modified: found.modified, deleted: found.deleted })
}
