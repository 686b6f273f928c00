//! `waypost workspace deny`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// Refuse what waits for leave
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace deny demo ask_1 --note 'not on this machine'")]
pub struct Deny {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// What waits, as `workspace list-asks` shows it
    #[arg(value_name = "ASK")]
    pub ask: String,
    /// A remark that is kept with the answer
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub note: String,
    #[command(flatten)]
    pub place: Place,
}

impl Deny {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/asks/{}", escape(&self.id), escape(&self.ask));
        let body = json!({ "answer": "deny", "note": self.note });
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
        output.result(&answer, || format!("Denied {}.", self.ask));
        Ok(0)
    }
}
