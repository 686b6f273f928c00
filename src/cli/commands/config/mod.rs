//! `waypost config …`: one verb per file.

mod get;
mod list;
mod named;
mod path;
mod set;
mod unset;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub enum Config {
    List(list::List),
    Get(get::Get),
    Set(set::Set),
    Unset(unset::Unset),
    Path(path::Path),
}

impl Config {
    /// Runs the verb.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::List(command) => command.run(global, output),
            Self::Get(command) => command.run(global, output),
            Self::Set(command) => command.run(global, output),
            Self::Unset(command) => command.run(global, output),
            Self::Path(command) => command.run(global, output),
        }
    }
}
