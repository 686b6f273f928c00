//! `waypost session kill`.

use super::target::Target;
use crate::cli::args::Global;
use crate::cli::commands::workspace::view;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;

/// Kill the background jobs of a session
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session kill demo agent-1")]
pub struct Kill {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub place: Place,
}

impl Kill {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("{}/kill", self.target.path());
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || view::killed(&answer));
        Ok(0)
    }
}
