//! `workspaces.get`: one workspace.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{Failure, WorkspaceParams};
use serde_json::{Map, Value};

pub(super) fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: WorkspaceParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    done(&view::detail(&workspace, params.verbose))
}
