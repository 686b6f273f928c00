//! `waypost workspace log`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// List the versions of a branch, newest first
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace log demo")]
pub struct Log {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// The branch
    #[arg(short, long, value_name = "BRANCH", default_value = "main")]
    pub branch: String,
    #[command(flatten)]
    pub place: Place,
}

impl Log {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/versions?branch={}", escape(&self.id), escape(&self.branch));
        let answer = self.place.open(global)?.call(Method::GET, &path).await?;
        output.result(&answer, || view::versions(&answer));
        Ok(0)
    }
}
