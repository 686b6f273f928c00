//! Why a service could not be made, changed or asked about.

use std::io;
use std::path::{Path, PathBuf};

/// What went wrong, and with what.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no service manager that this user can use.
    #[error("{manager} cannot be used: {reason}")]
    Unavailable {
        /// Which.
        manager: String,
        /// Why, with the way out.
        reason: String,
    },
    /// A command of the service manager failed.
    #[error("`{command}` failed: {said}")]
    Command {
        /// The command line.
        command: String,
        /// What it printed, shortened and without control characters, or why it could not run.
        said: String,
    },
    /// A file could not be read, written or removed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A value that the service's definition cannot hold, e.g. a path with a line break.
    #[error("{what} cannot be in a service's definition: {reason}")]
    Unfit {
        /// Which value.
        what: String,
        /// Why.
        reason: String,
    },
    /// A template and the values for it do not fit: a bug of ours.
    #[error("the template {template} cannot be filled: {reason}")]
    Template {
        /// Its file name.
        template: &'static str,
        /// Which placeholder.
        reason: String,
    },
    /// The service is not installed.
    #[error("the node is not installed as a service")]
    NotInstalled,
}

impl ServiceError {
    /// For `map_err` at calls on one file.
    pub fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
