//! `waypost tools shell`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Run a script as an agent's tool does
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools shell 'ls /data' -w demo")]
pub struct Shell {
    /// The script
    #[arg(value_name = "COMMAND")]
    pub command: String,
    #[command(flatten)]
    pub call: Call,
}

impl Shell {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let arguments = json!({ "command": self.command });
        self.call.run(global, output, "shell", arguments).await
    }
}
