//! `waypost config list`.

use super::named::MASK;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::state::{KEYS, SettingsFile};
use clap::Args;
use serde_json::{Map, Value, json};

/// Show the settings of the daemon
///
/// Those of the file, as they stand in it; with `--resolved` all that are in force, each with where it comes from. Tokens are
/// masked.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost config list --resolved")]
pub struct List {
    /// All settings in force: environment, then file, then default
    #[arg(long)]
    pub resolved: bool,
}

impl List {
    /// Prints them.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, resolved) = settings::load(global)?;
        if self.resolved {
            let rows = KEYS.iter().filter_map(|key| {
                let setting = resolved.get(key.name)?;
                let value = if key.is_secret() { MASK } else { setting.value.as_str() };
                Some((key.name, value.to_owned(), setting.origin.to_string()))
            });
            let rows: Vec<_> = rows.collect();
            let object = rows
                .iter()
                .map(|(name, value, origin)| ((*name).to_owned(), json!({ "value": value, "origin": origin })));
            let object: Map<String, Value> = object.collect();
            output.result(&object, || {
                let lines = rows.iter().map(|(name, value, origin)| format!("{name} = {value}  ({origin})"));
                lines.collect::<Vec<_>>().join("\n")
            });
            return Ok(0);
        }
        let file = SettingsFile::load(&home)?;
        let lines: Vec<_> = KEYS.iter().filter_map(|key| file.line(key)).collect();
        let object = KEYS.iter().filter_map(|key| {
            let value = file.get(key)?;
            Some((key.name.to_owned(), Value::String(if key.is_secret() { MASK.to_owned() } else { value })))
        });
        let object: Map<String, Value> = object.collect();
        if lines.is_empty() && !output.is_json() {
            return Ok(0);
        }
        output.result(&object, || format!("[daemon]\n{}", lines.join("\n")));
        Ok(0)
    }
}
