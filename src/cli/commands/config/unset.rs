//! `waypost config unset`.

use super::named::named;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::state::{Home, SettingsFile};
use clap::Args;
use serde_json::json;

/// Take one setting out of the file
///
/// Ends with 1 when the file does not have it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost config unset port")]
pub struct Unset {
    /// The setting
    #[arg(value_name = "KEY")]
    pub key: String,
}

impl Unset {
    /// Takes it out.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let key = named(&self.key)?;
        let home = Home::locate(global.home.clone())?;
        let mut file = SettingsFile::load(&home)?;
        if !file.unset(key) {
            return Err(CliError::new(
                ExitKind::Failure,
                format!("{} is not set in {}", key.name, file.path().display()),
            ));
        }
        file.store()?;
        output.result(&json!({ "unset": key.name }), || format!("unset {}", key.name));
        Ok(0)
    }
}
