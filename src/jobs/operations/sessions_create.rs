//! `sessions.create`: a new session of a workspace.

use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{CreateSessionParams, Failure};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: CreateSessionParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let session =
        workspace.create_session(params.session_id, params.allowed_mounts).await.map_err(failure::workspace)?;
    done(&view::session(session))
}
