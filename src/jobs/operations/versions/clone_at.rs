//! `workspaces.clone` with `at`: a new workspace from a version of one that need not be there any more.

use crate::jobs::engine::Inner;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::{CloneParams, ErrorCode, Failure};
use std::sync::Arc;

pub(in crate::jobs::operations) async fn clone_at(
    _engine: &Arc<Inner>,
    params: CloneParams,
    _stop: &Stop,
) -> Result<Outcome, Failure> {
    let at = params.at.unwrap_or_default();
    Err(Failure::new(ErrorCode::UnsupportedOperation, format!("at: there are no versions, so no '{at}'"))
        .hint("leave `at` out to clone the workspace as it is now"))
}
