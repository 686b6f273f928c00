//! `waypost session delete`.

use super::target::Target;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;

/// End a session
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session delete demo agent-1")]
pub struct Delete {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub place: Place,
}

impl Delete {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.place.open(global)?.call(Method::DELETE, &self.target.path()).await?;
        output.result(&answer, || format!("Deleted session {}.", self.target.session));
        Ok(0)
    }
}
