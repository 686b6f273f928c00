//! `waypost workspace kill`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Kill every background job of a workspace
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace kill demo")]
pub struct Kill {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub place: Place,
}

impl Kill {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/kill", escape(&self.id));
        let answer = self.place.open(global)?.call(Method::POST, &path).await?;
        output.result(&answer, || view::killed(&answer));
        Ok(0)
    }
}
