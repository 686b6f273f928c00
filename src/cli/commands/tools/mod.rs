//! `waypost tools …`: what agents call, one tool per file.

mod call;
mod edit;
mod glob;
mod grep;
mod ls;
mod read;
mod shell;
mod write;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Subcommand;

/// Which tool.
#[derive(Debug, Subcommand)]
pub enum Tools {
    Shell(shell::Shell),
    Read(read::Read),
    Write(write::Write),
    Edit(edit::Edit),
    Ls(ls::Ls),
    Grep(grep::Grep),
    Glob(glob::Glob),
}

impl Tools {
    /// Runs the tool.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Shell(tool) => tool.run(global, output).await,
            Self::Read(tool) => tool.run(global, output).await,
            Self::Write(tool) => tool.run(global, output).await,
            Self::Edit(tool) => tool.run(global, output).await,
            Self::Ls(tool) => tool.run(global, output).await,
            Self::Grep(tool) => tool.run(global, output).await,
            Self::Glob(tool) => tool.run(global, output).await,
        }
    }
}
