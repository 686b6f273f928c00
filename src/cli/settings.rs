//! The home and the settings that a command goes by.

use super::args::Global;
use super::error::{CliError, ExitKind};
use crate::state::{Home, Settings, SettingsError, StateError};

/// The home as the options say, and its settings with what the environment says.
pub fn load(global: &Global) -> Result<(Home, Settings), CliError> {
    let home = Home::locate(global.home.clone())?;
    let settings = Settings::load(&home, &|name| std::env::var_os(name))?;
    Ok((home, settings))
}

impl From<SettingsError> for CliError {
    fn from(error: SettingsError) -> Self {
        let text = error.to_string();
        match error {
            SettingsError::State(StateError::AlreadyRunning { .. }) => Self::new(ExitKind::Superseded, text),
            SettingsError::State(state) => Self::from(state),
            SettingsError::UnknownKey { .. } | SettingsError::UnknownTable { .. } => {
                Self::new(ExitKind::Usage, text).hint("`waypost config list --resolved` shows every setting")
            }
            _ => Self::new(ExitKind::Usage, text),
        }
    }
}
