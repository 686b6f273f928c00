//! `waypost node …`: one verb per file.

pub mod doctor;
pub mod drain;
pub mod once;
pub mod run;
pub mod setup;
pub mod status;

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
    Drain(drain::Drain),
    Resume(drain::Resume),
    Doctor(doctor::Doctor),
}

impl Node {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Setup(command) => command.run(global, output).await,
            Self::Run(command) => command.run(global, output).await,
            Self::Once(command) => command.run(global, output).await,
            Self::Status(command) => command.run(global, output).await,
            Self::Drain(command) => command.run(global, output).await,
            Self::Resume(command) => command.run(global, output).await,
            Self::Doctor(command) => command.run(global, output).await,
        }
    }
}
