//! `sessions.update`: another profile for a session. There are no profiles, so only the default one can be chosen.

use super::sessions_create::refuse_profile;
use super::{done, view};
use crate::jobs::engine::Inner;
use crate::jobs::{Outcome, failure, params};
use crate::wire::v1::{Failure, UpdateSessionParams};
use serde_json::{Map, Value};

pub(super) fn run(engine: &Inner, params: Map<String, Value>) -> Result<Outcome, Failure> {
    let params: UpdateSessionParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    let session = workspace.sessions().into_iter().find(|session| session.id == params.session_id);
    let unknown = || failure::workspace(crate::workspace::Error::SessionNotFound { id: params.session_id.clone() });
    let session = session.ok_or_else(unknown)?;
    refuse_profile(params.profile.as_deref())?;
    done(&view::session(session))
}
