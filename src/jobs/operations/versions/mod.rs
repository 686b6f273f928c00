//! `versions.*`: commits of a workspace, and what can be done with them.

mod clone_at;
mod run;

pub(super) use clone_at::clone_at;
pub(super) use run::run;
