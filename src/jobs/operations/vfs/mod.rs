//! `vfs.*`: direct calls on the files of a workspace.

mod attributes;
mod explain;
mod look;
mod names;
mod read;
mod run;
mod stat;
mod write;

pub(super) use run::run;
