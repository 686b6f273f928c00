//! What is wrong with a generic job: all of it at once, each with its place.

mod args;
mod files;
mod issues;
mod limits;
mod policy;
mod resources;
mod scheduling;
mod top;

pub(super) use files::is_safe_path;
pub(super) use top::check;
