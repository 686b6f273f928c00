//! `waypost workspace refresh`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};

/// Forget what is cached of a workspace's remote files
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace refresh demo /s3/reports")]
pub struct Refresh {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only what is cached of this path
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Refresh {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let route = format!("/v1/workspaces/{}/refresh", escape(&self.id));
        let body = self.path.as_ref().map_or_else(|| json!({}), |path| json!({ "path": path }));
        let answer: Value = self.place.open(global)?.call_with(Method::POST, &route, &body).await?;
        output.result(&answer, || view::refreshed(&answer));
        Ok(0)
    }
}
