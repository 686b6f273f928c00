//! `versions.*`: commits of a workspace, and what can be done with them.

mod run;

pub(super) use run::run;
