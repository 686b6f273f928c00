//! `waypost config path`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::state::Home;
use clap::Args;
use serde_json::json;

/// Print where the settings are kept
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  $EDITOR \"$(waypost config path)\"")]
pub struct Path {}

impl Path {
    /// Prints it, whether or not the file is there.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let path = Home::locate(global.home.clone())?.settings();
        output.result(&json!({ "path": path, "exists": path.exists() }), || path.display().to_string());
        Ok(0)
    }
}
