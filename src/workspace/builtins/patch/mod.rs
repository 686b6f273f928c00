//! `patch`.

mod apply;
mod command;
mod parse;
mod reject;

pub use command::Patch;
