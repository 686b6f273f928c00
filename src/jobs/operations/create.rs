//! `workspaces.create`: a new workspace from a configuration.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CreateParams, Failure, WorkspaceDetail};
use crate::workspace::{Workspace, WorkspaceConfig};
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CreateParams = params::parse(params)?;
    let config = WorkspaceConfig::from_json(&params.config).map_err(failure::workspace)?;
    engine.policy.check_mounts(&config)?;
    if let Some(existing) =
        params.id.as_deref().filter(|_| names_vfs(&params.config)).and_then(|id| same(engine, id, &config))
    {
        return done(&WorkspaceDetail { existing: true, ..view::detail(&existing, false) });
    }
    let workspace = engine.workspaces.create(params.id, config).await.map_err(failure::workspace)?;
    tracing::info!(workspace = workspace.id(), "workspace created");
    done(&view::detail(&workspace, false))
}

/// Whether the client is of the generation that says `vfs`. Those create a workspace to use it, and expect the one that is
/// there when it is the same; earlier ones expect to be told.
fn names_vfs(config: &Value) -> bool {
    let mounts = config.get("mounts").and_then(Value::as_object);
    mounts.is_some_and(|mounts| mounts.values().any(|block| block.get("vfs").is_some()))
}

fn same(engine: &Inner, id: &str, config: &WorkspaceConfig) -> Option<Arc<Workspace>> {
    engine.workspaces.get(id).ok().filter(|existing| existing.config() == config)
}
