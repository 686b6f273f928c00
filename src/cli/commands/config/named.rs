//! A setting that the command line names.

use crate::cli::error::CliError;
use crate::state::{Key, SettingsError};

/// What is shown in the place of a secret.
pub(super) const MASK: &str = "********";

/// The setting of that name.
pub(super) fn named(name: &str) -> Result<&'static Key, CliError> {
    let unknown = || SettingsError::UnknownKey { at: "not a setting".to_owned(), key: name.to_owned() };
    Key::named(name).ok_or_else(|| unknown().into())
}
