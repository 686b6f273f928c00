//! `vfs.*`: direct calls on the files of a workspace.

mod run;

pub(super) use run::run;
