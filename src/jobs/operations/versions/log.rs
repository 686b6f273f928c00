//! `versions.log`: the versions of a branch, newest first. Also of a workspace that is gone.

use super::super::done;
use super::store;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, RunContext, params};
use crate::wire::v1::{Failure, LogParams, VersionView};
use crate::workspace::Version;
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, context: &RunContext) -> Result<Outcome, Failure> {
    let LogParams { id, branch, limit } = params::parse(params)?;
    let owner = store::owner(engine, &id, context)?;
    let log = store::call(engine, move |versions| versions.log(&owner, &branch, limit.unwrap_or(usize::MAX))).await?;
    done(&log.into_iter().map(view).collect::<Vec<_>>())
}

fn view(version: Version) -> VersionView {
    let created_at = version.created_s as f64;
    VersionView {
        id: version.id,
        message: version.message,
        created_at,
        created_at_camel: created_at,
        parent: version.parent,
        author: version.author,
    }
}
