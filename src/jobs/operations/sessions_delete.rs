//! `sessions.delete`: ends a session.

use super::done;
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{DeletedSession, Failure, SessionParams};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: SessionParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    workspace.delete_session(&params.session_id).await.map_err(failure::workspace)?;
    done(&DeletedSession { session_id_camel: params.session_id.clone(), session_id: params.session_id })
}
