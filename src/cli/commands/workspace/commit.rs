//! `waypost workspace commit`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// Keep a version of a workspace
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace commit demo -m 'the first results'")]
pub struct Commit {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// What to say of it
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub message: String,
    /// The branch
    #[arg(short, long, value_name = "BRANCH", default_value = "main")]
    pub branch: String,
    #[command(flatten)]
    pub place: Place,
}

impl Commit {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/commit", escape(&self.id));
        let body = json!({ "message": self.message, "branch": self.branch });
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
        output.result(&answer, || {
            format!("Committed {} on {}.", view::short(&answer, "version"), view::text(&answer, "branch"))
        });
        Ok(0)
    }
}
