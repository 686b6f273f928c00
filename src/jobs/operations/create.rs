//! `workspaces.create`: a new workspace from a configuration.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CreateParams, Failure, WorkspaceDetail};
use crate::workspace::{Error, Workspace, WorkspaceConfig};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long to wait for a workspace that somebody else is creating, and how often to look.
const PATIENCE: Duration = Duration::from_secs(5);
const EVERY: Duration = Duration::from_millis(5);

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CreateParams = params::parse(params)?;
    let config = WorkspaceConfig::from_json(&params.config).map_err(failure::workspace)?;
    engine.policy.check_mounts(&config)?;
    let to_use = params.id.clone().filter(|_| names_vfs(&params.config));
    if let Some(existing) = to_use.as_deref().and_then(|id| same(engine, id, &config)) {
        return done(&WorkspaceDetail { existing: true, ..view::detail(&existing, false) });
    }
    let workspace = match engine.workspaces.create(params.id, config.clone()).await {
        Ok(workspace) => workspace,
        Err(Error::Exists { id }) if to_use.is_some() => {
            let existing = once_created(engine, &id, &config).await;
            let existing = existing.ok_or_else(|| failure::workspace(Error::Exists { id }))?;
            return done(&WorkspaceDetail { existing: true, ..view::detail(&existing, false) });
        }
        Err(error) => return Err(failure::workspace(error)),
    };
    tracing::info!(workspace = workspace.id(), "workspace created");
    done(&view::detail(&workspace, false))
}

/// Whether the client is of the generation that says `vfs`. Those create a workspace to use it, and expect the one that is
/// there when it is the same; earlier ones expect to be told.
fn names_vfs(config: &Value) -> bool {
    let mounts = config.get("mounts").and_then(Value::as_object);
    mounts.is_some_and(|mounts| mounts.values().any(|block| block.get("vfs").is_some()))
}

/// The same workspace, which somebody else may be creating in this moment.
async fn once_created(engine: &Inner, id: &str, config: &WorkspaceConfig) -> Option<Arc<Workspace>> {
    let settled = async {
        while engine.workspaces.get(id).is_err() && engine.workspaces.is_reserved(id) {
            sleep(EVERY).await;
        }
    };
    // One that is not there by then is not about to be.
    let _ = timeout(PATIENCE, settled).await;
    same(engine, id, config)
}

fn same(engine: &Inner, id: &str, config: &WorkspaceConfig) -> Option<Arc<Workspace>> {
    engine.workspaces.get(id).ok().filter(|existing| existing.config() == config)
}
