//! `waypost tools edit`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Replace a text in a file by another
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools edit /data/main.py 'x = 1' 'x = 2' -w demo")]
pub struct Edit {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The text that is there, once
    #[arg(value_name = "OLD", allow_hyphen_values = true)]
    pub old: String,
    /// The text in its place
    #[arg(value_name = "NEW", allow_hyphen_values = true)]
    pub new: String,
    /// Wherever it is
    #[arg(long)]
    pub replace_all: bool,
    #[command(flatten)]
    pub call: Call,
}

impl Edit {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "path": self.path, "old_string": self.old, "new_string": self.new });
        if let Some(value) = self.replace_all.then_some(true) {
            arguments["replace_all"] = value.into();
        }
        self.call.run(global, output, "edit", arguments).await
    }
}
