//! `waypost workspace list`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;

/// List the workspaces
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace list")]
pub struct List {
    #[command(flatten)]
    pub place: Place,
}

impl List {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let answer = self.place.open(global)?.call(Method::GET, "/v1/workspaces").await?;
        output.result(&answer, || view::list(&answer));
        Ok(0)
    }
}
