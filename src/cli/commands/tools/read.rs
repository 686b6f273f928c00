//! `waypost tools read`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Read a file with numbered lines
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools read /data/main.py --offset 100 --limit 50 -w demo")]
pub struct Read {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Where to begin, in lines
    #[arg(long, value_name = "LINE")]
    pub offset: Option<u64>,
    /// At most so many lines
    #[arg(long, value_name = "LINES")]
    pub limit: Option<u64>,
    #[command(flatten)]
    pub call: Call,
}

impl Read {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "path": self.path });
        if let Some(value) = self.offset {
            arguments["offset"] = value.into();
        }
        if let Some(value) = self.limit {
            arguments["limit"] = value.into();
        }
        self.call.run(global, output, "read", arguments).await
    }
}
