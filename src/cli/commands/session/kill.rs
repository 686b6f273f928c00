//! `waypost session kill`.

use crate::cli::args::Global;
use crate::cli::commands::workspace::view;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Kill the background jobs of a session
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session kill demo agent-1")]
pub struct Kill {
    /// The workspace
    #[arg(value_name = "WORKSPACE")]
    pub workspace: String,
    /// The session
    #[arg(value_name = "SESSION")]
    pub session: String,
    #[command(flatten)]
    pub place: Place,
}

impl Kill {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/sessions/{}/kill", escape(&self.workspace), escape(&self.session));
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || view::killed(&answer));
        Ok(0)
    }
}
