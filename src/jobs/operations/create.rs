//! `workspaces.create`: a new workspace from a configuration.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CreateParams, Failure};
use crate::workspace::WorkspaceConfig;
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CreateParams = params::parse(params)?;
    let config = WorkspaceConfig::from_json(&params.config).map_err(failure::workspace)?;
    engine.policy.check_mounts(&config)?;
    let workspace = engine.workspaces.create(params.id, config).await.map_err(failure::workspace)?;
    tracing::info!(workspace = workspace.id(), "workspace created");
    done(&view::detail(&workspace, false))
}
