//! `waypost tools grep`.

use super::call::Call;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;

/// Find lines in files
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost tools grep TODO /data --include '*.py' -C 2 -w demo")]
pub struct Grep {
    /// A regular expression
    #[arg(value_name = "PATTERN")]
    pub pattern: String,
    /// A file or a directory
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Whatever the case
    #[arg(short = 'i', long)]
    pub ignore_case: bool,
    /// The pattern is a text
    #[arg(short = 'F', long)]
    pub fixed_strings: bool,
    /// Only files of these names
    #[arg(long, value_name = "GLOB")]
    pub include: Option<String>,
    /// Lines around each
    #[arg(short = 'C', long, value_name = "LINES")]
    pub context: Option<u64>,
    /// Only the names of files
    #[arg(short = 'l', long)]
    pub files_with_matches: bool,
    /// Only how many there are
    #[arg(short = 'c', long)]
    pub count: bool,
    /// At most so many of each file
    #[arg(short = 'm', long, value_name = "NUMBER")]
    pub max_count: Option<u64>,
    #[command(flatten)]
    pub call: Call,
}

impl Grep {
    /// Runs the call.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let mut arguments = json!({ "pattern": self.pattern, "path": self.path });
        if let Some(value) = self.ignore_case.then_some(true) {
            arguments["ignore_case"] = value.into();
        }
        if let Some(value) = self.fixed_strings.then_some(true) {
            arguments["fixed_strings"] = value.into();
        }
        if let Some(value) = self.include {
            arguments["include"] = value.into();
        }
        if let Some(value) = self.context {
            arguments["context"] = value.into();
        }
        if let Some(value) = self.files_with_matches.then_some(true) {
            arguments["files_with_matches"] = value.into();
        }
        if let Some(value) = self.count.then_some(true) {
            arguments["count"] = value.into();
        }
        if let Some(value) = self.max_count {
            arguments["max_count"] = value.into();
        }
        self.call.run(global, output, "grep", arguments).await
    }
}
