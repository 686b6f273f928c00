//! `waypost glob`.

use super::vfs::look::lines;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// List the paths of a workspace that match a pattern
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost glob '/data/**/*.csv' -w demo")]
pub struct Glob {
    /// The pattern; ** is any number of directories
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
    /// The workspace
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: String,
    /// The session [default: the workspace's default session]
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Glob {
    /// Lists them.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let query = self.session.as_ref().map(|session| format!("?session_id={}", escape(session)));
        let path = format!("/v1/workspaces/{}/glob{}", escape(&self.workspace), query.unwrap_or_default());
        let body = json!({ "pattern": self.pattern });
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
        output.result(&answer, || lines(&answer, "paths"));
        Ok(0)
    }
}
