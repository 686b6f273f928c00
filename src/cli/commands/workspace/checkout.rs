//! `waypost workspace checkout`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// Put a workspace back to a version
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost workspace checkout demo main")]
pub struct Checkout {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// A branch, or a version's full id
    #[arg(value_name = "REF")]
    pub reference: String,
    #[command(flatten)]
    pub place: Place,
}

impl Checkout {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = format!("/v1/workspaces/{}/checkout", escape(&self.id));
        let body = json!({ "ref": self.reference });
        let answer = self.place.open(global)?.call_with(Method::POST, &path, &body).await?;
        output.result(&answer, || view::detail(&answer));
        Ok(0)
    }
}
