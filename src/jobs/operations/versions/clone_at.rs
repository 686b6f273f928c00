//! `workspaces.clone` with `at`: a new workspace from a version of another one, which may be gone. Its own history is empty.

use super::super::{done, view};
use super::store;
use crate::base::{mint, unix_ms};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, RunContext, failure};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::snapshot::is_redacted;
use crate::workspace::{Error, StoredVersion, StoredWorkspace, WorkspaceConfig, WorkspaceRecord};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Makes the workspace `new_id` (minted when absent) from the version of `source_id` that `at` names. What was a `disk`
/// mount becomes a `ram` mount with the version's files: the host's directory belongs to the source.
///
/// # Errors
/// 404 for a version that is not there; 400 naming mounts whose secrets a version does not hold; as creating one.
pub(in crate::jobs::operations) async fn clone_at(
    engine: &Inner,
    source_id: &str,
    at: &str,
    new_id: Option<String>,
    context: &RunContext,
) -> Result<Outcome, Failure> {
    // A taken id is told before a version is read for nothing.
    if let Some(id) = new_id.as_ref().filter(|id| engine.workspaces.get(id).is_ok()) {
        return Err(failure::workspace(Error::Exists { id: id.clone() }));
    }
    let (owner, reference) = (store::owner(engine, source_id, context)?, at.to_owned());
    let version = store::call(engine, move |versions| versions.read(&owner, &reference)).await?;
    let from = version.id.clone();
    let stored = stored(new_id.unwrap_or_else(|| mint("ws")), version)?;
    let config = WorkspaceConfig::from_json(&stored.record.config).map_err(failure::workspace)?;
    engine.policy.check_mounts(&config)?;
    let workspace = engine.workspaces.adopt(stored).await.map_err(failure::workspace)?;
    tracing::info!(workspace = workspace.id(), source = source_id, version = from, "workspace cloned from a version");
    done(&view::detail(&workspace, false))
}

fn stored(id: String, version: StoredVersion) -> Result<StoredWorkspace, Failure> {
    let mut config = version.config;
    let mut without_secret = Vec::new();
    let blocks = config.get_mut("mounts").and_then(Value::as_object_mut);
    for (prefix, block) in blocks.into_iter().flat_map(Map::iter_mut) {
        if block.get("resource").and_then(Value::as_str) == Some("disk") {
            *block = json!({ "resource": "ram", "mode": block.get("mode") });
        } else if is_redacted(block) {
            without_secret.push(prefix.clone());
        }
    }
    if !without_secret.is_empty() {
        let mounts = without_secret.join(", ");
        return Err(Failure::new(
            ErrorCode::InvalidRequest,
            format!("a version holds no secrets, which {mounts} needs"),
        )
        .hint("clone the workspace as it is now, or create one with these mounts"));
    }
    let trees = version.mounts.into_iter().map(|(prefix, mount)| (prefix, mount.tree)).collect::<BTreeMap<_, _>>();
    let record = WorkspaceRecord { id, config, created_ms: unix_ms(), sessions: version.sessions };
    Ok(StoredWorkspace { record, trees })
}
