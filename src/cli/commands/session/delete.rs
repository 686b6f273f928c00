//! `waypost session delete`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// End a session
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost session delete demo agent-1")]
pub struct Delete {
    /// The workspace
    #[arg(value_name = "WORKSPACE")]
    pub workspace: String,
    /// The session
    #[arg(value_name = "SESSION")]
    pub session: String,
    #[command(flatten)]
    pub place: Place,
}

impl Delete {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/sessions/{}", escape(&self.workspace), escape(&self.session));
        let answer = self.place.open(global)?.call(Method::DELETE, &path).await?;
        output.result(&answer, || format!("Deleted session {}.", self.session));
        Ok(0)
    }
}
