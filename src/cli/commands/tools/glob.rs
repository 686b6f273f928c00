//! `waypost tools glob`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Find files by a pattern
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools glob '**/*.py' /data -w demo")]
pub struct Glob {
    /// The pattern
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
    /// Below this directory
    #[arg(value_name = "PATH", default_value = "/")]
    pub path: String,
    #[command(flatten)]
    pub call: Call,
}

impl Glob {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let arguments = json!({ "pattern": self.pattern, "path": self.path });
        self.call.run(global, output, "glob", arguments).await
    }
}
