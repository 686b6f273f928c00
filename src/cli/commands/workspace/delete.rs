//! `waypost workspace delete`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// Delete a workspace and what is in it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace delete demo")]
pub struct Delete {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub place: Place,
}

impl Delete {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}", escape(&self.id));
        let answer = self.place.open(global)?.call(Method::DELETE, &path).await?;
        output.result(&answer, || format!("Deleted workspace {}.", self.id));
        Ok(0)
    }
}
