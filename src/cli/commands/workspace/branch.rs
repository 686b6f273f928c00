//! `waypost workspace branch`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// Make a branch
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace branch demo experiment --from main")]
pub struct Branch {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// The new branch
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The branch whose head it begins at
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub from: String,
    #[command(flatten)]
    pub place: Place,
}

impl Branch {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/branch", escape(&self.id));
        let body = json!({ "name": self.name, "from_branch": self.from });
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
        output.result(&answer, || {
            format!("Created branch {} at {}.", view::text(&answer, "branch"), view::short(&answer, "version"))
        });
        Ok(0)
    }
}
