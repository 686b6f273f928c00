//! `waypost session …`: one verb per file.

mod cancel;
mod create;
mod delete;
mod kill;
mod list;
mod target;
mod update;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with the sessions of a workspace.
#[derive(Debug, Subcommand)]
pub enum Session {
    Create(create::Create),
    List(list::List),
    Update(update::Update),
    Delete(delete::Delete),
    Cancel(cancel::Cancel),
    Kill(kill::Kill),
}

impl Session {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::List(command) => command.run(global, output).await,
            Self::Update(command) => command.run(global, output).await,
            Self::Delete(command) => command.run(global, output).await,
            Self::Cancel(command) => command.run(global, output).await,
            Self::Kill(command) => command.run(global, output).await,
        }
    }
}
