//! `versions.*`: commits of a workspace, and what can be done with them.

mod branch;
mod checkout;
mod clone_at;
mod commit;
mod diff;
mod log;
mod run;
mod store;

pub(super) use clone_at::clone_at;
pub(super) use run::run;
