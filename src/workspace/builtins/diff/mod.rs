//! `diff`.

mod command;
mod compare;
mod context;
mod lines;
mod plain;
mod script;
mod settings;
mod side;
mod unified;

pub use command::Diff;
