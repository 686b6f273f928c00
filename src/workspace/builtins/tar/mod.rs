//! `tar`.

mod archive;
mod command;
mod create;
mod extract;
mod settings;
mod transform;

pub use command::Tar;
