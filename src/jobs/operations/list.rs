//! `workspaces.list`: every workspace, in the order of creation.

use super::{done, view};
use crate::jobs::Outcome;
use crate::jobs::engine::Inner;
use crate::wire::v1::{Failure, WorkspaceSummary};

pub(super) fn run(engine: &Inner) -> Result<Outcome, Failure> {
    let list: Vec<WorkspaceSummary> = engine.workspaces.list().iter().map(|item| view::summary(item)).collect();
    done(&list)
}
