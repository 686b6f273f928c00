//! `waypost workspace …`: one verb per file.

mod allow;
mod branch;
mod cancel;
mod checkout;
mod clone;
mod close;
mod commit;
mod create;
mod delete;
mod deny;
mod diff;
mod get;
mod kill;
mod list;
mod list_asks;
mod load;
mod log;
mod refresh;
mod snapshot;
mod upload;
pub mod view;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// What to do with workspaces.
#[derive(Debug, Subcommand)]
pub enum Workspace {
    Create(create::Create),
    List(list::List),
    Get(get::Get),
    Delete(delete::Delete),
    Close(close::Close),
    Cancel(cancel::Cancel),
    Kill(kill::Kill),
    Clone(clone::Clone),
    Snapshot(snapshot::Snapshot),
    Load(load::Load),
    Refresh(refresh::Refresh),
    Commit(commit::Commit),
    Log(log::Log),
    Diff(diff::Diff),
    Branch(branch::Branch),
    Checkout(checkout::Checkout),
    ListAsks(list_asks::ListAsks),
    Allow(allow::Allow),
    Deny(deny::Deny),
}

impl Workspace {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::List(command) => command.run(global, output).await,
            Self::Get(command) => command.run(global, output).await,
            Self::Delete(command) => command.run(global, output).await,
            Self::Close(command) => command.run(global, output).await,
            Self::Cancel(command) => command.run(global, output).await,
            Self::Kill(command) => command.run(global, output).await,
            Self::Clone(command) => command.run(global, output).await,
            Self::Snapshot(command) => command.run(global, output).await,
            Self::Load(command) => command.run(global, output).await,
            Self::Refresh(command) => command.run(global, output).await,
            Self::Commit(command) => command.run(global, output).await,
            Self::Log(command) => command.run(global, output).await,
            Self::Diff(command) => command.run(global, output).await,
            Self::Branch(command) => command.run(global, output).await,
            Self::Checkout(command) => command.run(global, output).await,
            Self::ListAsks(command) => command.run(global, output).await,
            Self::Allow(command) => command.run(global, output).await,
            Self::Deny(command) => command.run(global, output).await,
        }
    }
}
