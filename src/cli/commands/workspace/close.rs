//! `waypost workspace close`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Close a workspace: it stops, what was kept of it stays
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace close demo")]
pub struct Close {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub place: Place,
}

impl Close {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/close", escape(&self.id));
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || format!("Closed workspace {}.", self.id));
        Ok(0)
    }
}
