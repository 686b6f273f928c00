//! `workspaces.refresh`: forgets what is cached of a path, so that the next look asks the backend.

use super::done;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{Failure, RefreshParams, RefreshedPath};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let RefreshParams { id, path } = params::parse(params)?;
    let workspace = engine.workspaces.get(&id).map_err(failure::workspace)?;
    let given = path.unwrap_or_else(|| "/".to_owned());
    // A backend may take its time to find out what it has.
    let refreshed = tokio::task::spawn_blocking(move || workspace.refresh(&given)).await;
    let (path, refreshed) = refreshed.map_err(|error| failure::task(&error))?.map_err(failure::workspace)?;
    done(&RefreshedPath {
        id,
        path,
        file_entries: refreshed.file_entries,
        file_entries_camel: refreshed.file_entries,
        index_entries: refreshed.index_entries,
        index_entries_camel: refreshed.index_entries,
    })
}
