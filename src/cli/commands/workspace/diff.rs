//! `waypost workspace diff`.

use super::view;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use crate::client::escape;
use clap::Args;
use reqwest::Method;

/// List the files that differ between two versions
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost workspace diff demo          what changed since the last commit\n  waypost workspace diff demo main dev"
)]
pub struct Diff {
    /// The workspace
    #[arg(value_name = "ID")]
    pub id: String,
    /// The older version: a branch or a full id [default: the branch's head]
    #[arg(value_name = "A")]
    pub a: Option<String>,
    /// The newer one [default: the workspace as it is now]
    #[arg(value_name = "B")]
    pub b: Option<String>,
    /// The branch
    #[arg(short, long, value_name = "BRANCH", default_value = "main")]
    pub branch: String,
    #[command(flatten)]
    pub place: Place,
}

impl Diff {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut path = format!("/v1/workspaces/{}/diff?branch={}", escape(&self.id), escape(&self.branch));
        for (name, version) in [("a", &self.a), ("b", &self.b)] {
            if let Some(version) = version {
                path.push_str(&format!("&{name}={}", escape(version)));
            }
        }
        let answer = self.place.open(global)?.call(Method::GET, &path).await?;
        output.result(&answer, || view::difference(&answer));
        Ok(0)
    }
}
