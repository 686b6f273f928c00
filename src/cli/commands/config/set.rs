//! `waypost config set`.

use super::named::named;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::settings;
use crate::state::{Home, SettingsFile};
use clap::Args;
use serde_json::json;
use std::io::Read;

/// The longest value from standard input, bytes: a public key has a few hundred.
const MOST: u64 = 64 << 10;

/// Change one setting of the file
///
/// Comments in the file stay. A daemon that runs keeps what it started with until it is started again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost config set port 8770\n  waypost config set auth_token - < token.txt")]
pub struct Set {
    /// The setting
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Its value; `-` takes it from standard input, which a secret has to come from
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
}

impl Set {
    /// Changes it.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let key = named(&self.key)?;
        let value = match self.value.as_str() {
            "-" => input()?,
            // Other users see the arguments of a process.
            _ if key.is_secret() => {
                let text = format!("{} is a secret: give it on standard input, not as an argument", key.name);
                let hint = format!("`waypost config set {} - < FILE`", key.name);
                return Err(CliError::new(ExitKind::Usage, text).hint(hint));
            }
            value => value.to_owned(),
        };
        let home = Home::locate(global.home.clone())?;
        home.prepare()?;
        let mut file = SettingsFile::load(&home)?;
        file.set(key, &value)?;
        file.store()?;
        // Also the way to a wrong variable: it would win over what was just set.
        let (_, resolved) = settings::load(global)?;
        if let Some(setting) = resolved.get(key.name)
            && setting.origin != crate::state::Origin::File
        {
            output.note(format!("note: {} wins over the file", setting.origin));
        }
        let line = file.line(key).unwrap_or_default();
        output.result(&json!({ "key": key.name, "line": line }), || line.clone());
        Ok(0)
    }
}

fn input() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MOST).read_to_string(&mut text);
    read.map_err(|failed| CliError::new(ExitKind::Failure, format!("standard input cannot be read: {failed}")))?;
    Ok(text)
}
