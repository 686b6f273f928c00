//! `waypost workspace get`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Show a workspace: its mounts and sessions
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace get demo --verbose")]
pub struct Get {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// Also what is inside: caches, history, jobs in flight
    #[arg(short, long)]
    pub verbose: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Get {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let query = if self.verbose { "?verbose=true" } else { "" };
        let path = format!("/v1/workspaces/{}{query}", escape(&self.id));
        let answer = self.place.open(global)?.call(Method::GET, &path).await?;
        output.result(&answer, || view::detail(&answer));
        Ok(0)
    }
}
