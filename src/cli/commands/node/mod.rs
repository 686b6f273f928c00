//! `waypost node …`: one verb per file.

pub mod clients;
pub mod doctor;
pub mod drain;
pub mod install;
pub mod logs;
pub mod once;
pub mod restart;
pub mod run;
pub mod serve;
pub mod setup;
pub mod start;
pub mod status;
pub mod stop;
pub mod uninstall;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with this machine's node.
#[derive(Debug, Subcommand)]
pub enum Node {
    Install(install::Install),
    Uninstall(uninstall::Uninstall),
    Setup(setup::Setup),
    Run(Box<run::Run>),
    Serve(Box<serve::Serve>),
    Once(once::Once),
    Start(start::Start),
    Stop(stop::Stop),
    Restart(restart::Restart),
    Status(status::Status),
    Drain(drain::Drain),
    Resume(drain::Resume),
    AddClient(clients::AddClient),
    #[command(alias = "remove-clint")]
    RemoveClient(clients::RemoveClient),
    Doctor(doctor::Doctor),
    Logs(logs::Logs),
}

impl Node {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Install(command) => command.run(global, output).await,
            Self::Uninstall(command) => command.run(global, output).await,
            Self::Setup(command) => command.run(global, output).await,
            Self::Run(command) => command.run(global, output).await,
            Self::Serve(command) => command.run(global, output).await,
            Self::Once(command) => command.run(global, output).await,
            Self::Start(command) => command.run(global, output),
            Self::Stop(command) => command.run(global, output),
            Self::Restart(command) => command.run(global, output),
            Self::Status(command) => command.run(global, output).await,
            Self::Drain(command) => command.run(global, output).await,
            Self::Resume(command) => command.run(global, output).await,
            Self::AddClient(command) => command.run(global, output).await,
            Self::RemoveClient(command) => command.run(global, output).await,
            Self::Doctor(command) => command.run(global, output).await,
            Self::Logs(command) => command.run(global, output).await,
        }
    }
}
