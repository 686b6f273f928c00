//! Access to what keeps versions, off the runtime's workers.

use crate::jobs::engine::Inner;
use crate::jobs::{RunContext, failure, inside};
use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::{Owner, Versions, VersionsError};
use std::sync::Arc;

/// Calls what keeps versions where it may block.
pub(super) async fn call<T: Send + 'static>(
    engine: &Inner,
    work: impl FnOnce(&dyn Versions) -> Result<T, VersionsError> + Send + 'static,
) -> Result<T, Failure> {
    let Some(versions) = engine.versions.clone() else {
        return Err(Failure::new(ErrorCode::UnsupportedOperation, "versions are not kept here")
            .hint("a node that runs with a home directory keeps them"));
    };
    let done = tokio::task::spawn_blocking(move || work(&*Arc::clone(&versions)));
    done.await.map_err(|error| failure::task(&error))?.map_err(failure::versions)
}

/// Whose versions an id means: the workspace's that is there, else the last one's that had it.
///
/// # Errors
/// [`ErrorCode::Unauthorized`] for a caller who may only do what stays inside and means one that is gone: its versions may
/// hold what was outside.
pub(super) fn owner(engine: &Inner, id: &str, context: &RunContext) -> Result<Owner, Failure> {
    match engine.workspaces.get(id) {
        Ok(workspace) => {
            inside::check_config(context, workspace.config())?;
            Ok(workspace.owner())
        }
        Err(_) if context.inside_only => Err(inside::outside("using versions of a workspace that is gone")),
        Err(_) => Ok(Owner { id: id.to_owned(), created_ms: None }),
    }
}
