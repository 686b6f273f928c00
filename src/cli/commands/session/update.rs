//! `waypost session update`.

use super::target::Target;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::place::Place;
use clap::Args;
use reqwest::Method;
use serde_json::json;

/// Change the profile of a session
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost session update demo agent-1 --profile reviewer\n  waypost session update demo agent-1 --default-profile"
)]
pub struct Update {
    #[command(flatten)]
    pub target: Target,
    /// The new profile
    #[arg(short, long, value_name = "NAME", required_unless_present = "default_profile")]
    pub profile: Option<String>,
    /// Back to the workspace's default profile
    #[arg(long, conflicts_with = "profile")]
    pub default_profile: bool,
    #[command(flatten)]
    pub place: Place,
}

impl Update {
    /// Runs the command.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let body = json!({ "profile": self.profile });
        let answer = self.place.open(global)?.call_with(Method::PATCH, &self.target.path(), &body).await?;
        output.result(&answer, || format!("Updated session {}.", self.target.session));
        Ok(0)
    }
}
