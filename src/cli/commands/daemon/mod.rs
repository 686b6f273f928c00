//! `waypost daemon …`: one verb per file.

mod kill;
mod logs;
mod place;
mod restart;
mod start;
mod status;
mod stop;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

use place::url_of;
pub use start::background;

/// What to do with the local daemon.
#[derive(Debug, Subcommand)]
pub enum Daemon {
    Start(start::Start),
    Stop(stop::Stop),
    Status(status::Status),
    Restart(restart::Restart),
    Kill(kill::Kill),
    Logs(logs::Logs),
}

impl Daemon {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Start(command) => command.run(global, output).await,
            Self::Stop(command) => command.run(global, output).await,
            Self::Status(command) => command.run(global, output).await,
            Self::Restart(command) => command.run(global, output).await,
            Self::Kill(command) => command.run(global, output).await,
            Self::Logs(command) => command.run(global, output).await,
        }
    }
}
