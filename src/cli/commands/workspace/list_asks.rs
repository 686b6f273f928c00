//! `waypost workspace list-asks`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// List what waits for somebody's leave
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace list-asks demo --all")]
pub struct ListAsks {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only of this session
    #[arg(short, long, alias = "session_id", value_name = "ID")]
    pub session: Option<String>,
    /// Also those that were answered
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub place: Place,
}

impl ListAsks {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut query = Vec::new();
        query.extend(self.session.as_ref().map(|session| format!("session_id={}", escape(session))));
        query.extend(self.all.then(|| "all=true".to_owned()));
        let mark = if query.is_empty() { "" } else { "?" };
        let path = format!("/v1/workspaces/{}/asks{mark}{}", escape(&self.id), query.join("&"));
        let answer = self.place.open(global)?.call(Method::GET, &path).await?;
        output.result(&answer, || view::asks(&answer));
        Ok(0)
    }
}
