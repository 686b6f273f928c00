//! `asks.*`: questions of a script to its owner. No script here asks anything, so there are none.

use super::done;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{ErrorCode, Failure, WorkspaceParams};
use serde_json::{Map, Value};

pub(super) fn list(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    done(&Vec::<Value>::new())
}

pub(super) fn answer(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    Err(Failure::new(ErrorCode::NotFound, "ask not found").hint("asks.list names those that wait for an answer"))
}
