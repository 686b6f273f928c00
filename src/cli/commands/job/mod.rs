//! `waypost job …`: one verb per file.

mod cancel;
mod door_kind;
mod get;
mod list;
mod logs;
mod submit;
mod view;
mod wait;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum Job {
    Submit(submit::Submit),
    List(list::List),
    Get(get::Get),
    Wait(wait::Wait),
    Logs(logs::Logs),
    Cancel(cancel::Cancel),
}

impl Job {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Submit(command) => command.run(global, output).await,
            Self::List(command) => command.run(global, output).await,
            Self::Get(command) => command.run(global, output).await,
            Self::Wait(command) => command.run(global, output).await,
            Self::Logs(command) => command.run(global, output).await,
            Self::Cancel(command) => command.run(global, output).await,
        }
    }
}
