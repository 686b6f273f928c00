//! `waypost tools write`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::commands::vfs::write::content;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Write a file; one that is there must have been read in this session
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost tools write /data/a.txt --content hello -w demo\n  waypost tools write /data/a.txt -w demo < a.txt"
)]
pub struct Write {
    /// The path
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The new content [default: standard input]
    #[arg(long, value_name = "TEXT")]
    pub content: Option<String>,
    #[command(flatten)]
    pub call: Call,
}

impl Write {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let content = String::from_utf8(content(self.content.as_deref(), "--content")?).map_err(|_| {
            CliError::new(ExitKind::Usage, "the content is not UTF-8 text").hint("`waypost vfs write` takes any bytes")
        })?;
        let arguments = json!({ "path": self.path, "content": content });
        self.call.run(global, output, "write", arguments).await
    }
}
