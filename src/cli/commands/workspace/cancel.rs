//! `waypost workspace cancel`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Cancel every script that runs in a workspace
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace cancel demo")]
pub struct Cancel {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub place: Place,
}

impl Cancel {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/cancel", escape(&self.id));
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || view::canceled(&answer));
        Ok(0)
    }
}
