//! `waypost node …`: one verb per file.

mod doctor;
mod logs;
mod once;
mod run;
mod setup;
mod status;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with this machine's node.
#[derive(Debug, Subcommand)]
pub enum Node {
    Setup(setup::Setup),
    Run(run::Run),
    Once(once::Once),
    Status(status::Status),
    Doctor(doctor::Doctor),
    Logs(logs::Logs),
}

impl Node {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Setup(command) => command.run(global, output).await,
            Self::Run(command) => command.run(global, output).await,
            Self::Once(command) => command.run(global, output).await,
            Self::Status(command) => command.run(global, output),
            Self::Doctor(command) => command.run(global, output).await,
            Self::Logs(command) => command.run(global, output).await,
        }
    }
}
