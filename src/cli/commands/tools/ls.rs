//! `waypost tools ls`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// List a directory
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools ls /data -w demo")]
pub struct Ls {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Ls {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let arguments = json!({ "path": self.path });
        self.call.run(global, output, "ls", arguments).await
    }
}
