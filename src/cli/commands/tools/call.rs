//! What every tool has: where to, as whom, and its text.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::Value;

/// Options of every tool.
#[derive(Debug, Args)]
pub struct Call {
    /// The workspace
    #[arg(short, long, alias = "workspace_id", value_name = "ID")]
    pub workspace: String,
    /// The session [default: the workspace's default session]
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    #[command(flatten)]
    pub place: Place,
}

impl Call {
    /// Runs the tool and prints its text. A tool that says that it failed ends with 1.
    pub async fn run(self, global: &Global, output: &Output, tool: &str, arguments: Value) -> Result<u8, CliError> {
        let query = self.session.as_ref().map(|session| format!("?session_id={}", escape(session)));
        let path = format!("/v1/workspaces/{}/tools/{tool}{}", escape(&self.workspace), query.unwrap_or_default());
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &arguments).await?;
        let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
        let failed = answer.get("is_error").and_then(Value::as_bool).unwrap_or_default();
        if output.is_json() {
            output.json(&answer);
        } else if failed {
            return Err(CliError::new(ExitKind::Failure, text.trim_start_matches("Error: ")));
        } else {
            output.bytes(text.as_bytes());
            if !text.is_empty() && !text.ends_with('\n') {
                output.bytes(b"\n");
            }
        }
        Ok(if failed { ExitKind::Failure.code() } else { 0 })
    }
}
