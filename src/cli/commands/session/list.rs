//! `waypost session list`.

use crate::cli::args::Global;
use crate::cli::commands::workspace::view;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// List the sessions of a workspace
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session list demo")]
pub struct List {
    /// The workspace
    #[arg(value_name = "WORKSPACE")]
    pub workspace: String,
    #[command(flatten)]
    pub place: Place,
}

impl List {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/sessions", escape(&self.workspace));
        let answer = self.place.open(global)?.call(Method::GET, &path).await?;
        output.result(&answer, || view::sessions(&answer).unwrap_or_else(|| "No sessions.".to_owned()));
        Ok(0)
    }
}
