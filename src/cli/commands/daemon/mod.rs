//! `waypost daemon …`: one verb per file.

mod start;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

pub use start::background;

/// What to do with the local daemon.
#[derive(Debug, Subcommand)]
pub enum Daemon {
    Start(start::Start),
}

impl Daemon {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Start(command) => command.run(global, output).await,
        }
    }
}
