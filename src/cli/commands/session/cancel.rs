//! `waypost session cancel`.

use super::target::Target;
use crate::cli::args::Global;
use crate::cli::commands::workspace::view;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;

/// Cancel the scripts that run in a session
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session cancel demo agent-1")]
pub struct Cancel {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub place: Place,
}

impl Cancel {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("{}/cancel", self.target.path());
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || view::canceled(&answer));
        Ok(0)
    }
}
