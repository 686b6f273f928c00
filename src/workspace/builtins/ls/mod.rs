//! `ls`.

mod columns;
mod command;
mod entry;
mod long;
mod order;
mod settings;

pub use command::Ls;
