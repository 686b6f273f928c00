//! Arguments in, text or JSON and an exit code out. The only module that prints.

mod args;
mod commands;
mod daemon_error;
mod door;
mod error;
mod openings;
mod output;
mod pairs;
mod progress;
mod run;
mod settings;

pub use args::command;
pub use error::{CliError, ExitKind};
pub use run::main;
