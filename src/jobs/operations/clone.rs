//! `workspaces.clone`: a copy of a workspace as it is now, or as it was in a version.

use super::{done, overrides, versions, view};
use crate::base::{mint, unix_ms};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, RunContext, failure, inside, params};
use crate::wire::v1::{CloneParams, Failure};
use crate::workspace::{StoredWorkspace, Workspace, WorkspaceConfig};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) async fn run(
    engine: &Arc<Inner>,
    params: Map<String, Value>,
    context: &RunContext,
) -> Result<Outcome, Failure> {
    let params: CloneParams = params::parse(params)?;
    if let Some(at) = &params.at {
        return versions::clone_at(engine, &params.id, at, params.new_id, context).await;
    }
    let source = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let replaced = overrides::read(params.override_.as_ref())?;
    let copy = if replaced.is_empty() {
        // The owner may have closed a directory since the source was made.
        engine.policy.check_mounts(source.config())?;
        engine.workspaces.clone_workspace(&params.id, params.new_id).await.map_err(failure::workspace)?
    } else {
        let stored = with_other_mounts(&source, params.new_id, replaced)?;
        let config = WorkspaceConfig::from_json(&stored.record.config).map_err(failure::workspace)?;
        inside::check_config(context, &config)?;
        engine.policy.check_mounts(&config)?;
        engine.workspaces.adopt(stored).await.map_err(failure::workspace)?
    };
    tracing::info!(workspace = copy.id(), source = params.id, "workspace cloned");
    done(&view::detail(&copy, false))
}

/// The source as it is now with some mounts replaced, whole. A mount that stays `ram` keeps its files.
fn with_other_mounts(
    source: &Workspace,
    id: Option<String>,
    mut replaced: BTreeMap<String, Value>,
) -> Result<StoredWorkspace, Failure> {
    let mut stored = source.state();
    // With its secrets: the copy's mounts need them as the source's do.
    stored.record.config = source.config().to_kept_json();
    if let Some(Value::Object(mounts)) = stored.record.config.get_mut("mounts") {
        for (prefix, block) in mounts.iter_mut() {
            let Some(other) = replaced.remove(prefix) else { continue };
            if !overrides::is_ram(&other) {
                stored.trees.remove(prefix);
            }
            *block = other;
        }
        overrides::refuse_left(&replaced, "the workspace", mounts.keys())?;
    }
    // Through the engine's own reader, so that what is kept is normalised.
    let config = WorkspaceConfig::from_json(&stored.record.config).map_err(failure::workspace)?;
    stored.record.config = config.to_kept_json();
    stored.record.id = id.unwrap_or_else(|| mint("ws"));
    stored.record.created_ms = unix_ms();
    Ok(stored)
}
