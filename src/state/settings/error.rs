//! A setting that cannot be used, with the place where it stands.

use super::key::KEYS;
use crate::state::StateError;
use std::path::PathBuf;

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is not TOML.
    #[error("{} line {line}: {problem}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// There is no such setting.
    #[error("{at}: unknown setting '{key}' (known: {})", KEYS.iter().map(|key| key.name).collect::<Vec<_>>().join(", "))]
    UnknownKey {
        /// The file, or the command line.
        at: String,
        /// What was written.
        key: String,
    },
    /// The file has a table that means nothing.
    #[error("{}: unknown table or key '{key}': settings stand below [daemon]", path.display())]
    UnknownTable {
        /// The file.
        path: PathBuf,
        /// What was written.
        key: String,
    },
    /// A value of the wrong type or out of its range.
    #[error("{at}: {key} {problem}")]
    BadValue {
        /// The file, the variable or the command line.
        at: String,
        /// The setting.
        key: &'static str,
        /// What it must be.
        problem: String,
    },
    /// The file system said no.
    #[error(transparent)]
    State(#[from] StateError),
}
