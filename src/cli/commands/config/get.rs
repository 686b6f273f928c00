//! `waypost config get`.

use super::named::{MASK, named};
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::settings;
use crate::state::SettingsFile;
use clap::Args;
use serde_json::json;

/// Print one setting of the file
///
/// Ends with 1 when the file does not have it. `waypost config list --resolved` shows what is in force. A token is masked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost config get port")]
pub struct Get {
    /// The setting
    #[arg(value_name = "KEY")]
    pub key: String,
}

impl Get {
    /// Prints it.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let key = named(&self.key)?;
        let (home, _) = settings::load(global)?;
        let Some(value) = SettingsFile::load(&home)?.get(key) else {
            return Err(CliError::new(
                ExitKind::Failure,
                format!("{} is not set in {}", key.name, home.settings().display()),
            ));
        };
        let value = if key.is_secret() { MASK.to_owned() } else { value };
        output.result(&json!({ "key": key.name, "value": value }), || value.clone());
        Ok(0)
    }
}
