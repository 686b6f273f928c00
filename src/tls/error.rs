//! Why there is no certificate.

use std::io;
use std::path::{Path, PathBuf};

/// A certificate cannot be used or had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// What is in a file, or came from an authority, is no certificate with its key.
    #[error("{what}: {problem}")]
    Unusable {
        /// The file or the authority.
        what: String,
        /// What is wrong.
        problem: String,
    },
    /// The authority did not issue one.
    #[error("{directory}: {problem}")]
    Authority {
        /// Its directory.
        directory: String,
        /// What it said, or why it could not be asked.
        problem: String,
    },
}

impl TlsError {
    /// For a file.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// For what is not what it should be.
    pub(super) fn unusable(what: impl Into<String>, problem: impl ToString) -> Self {
        Self::Unusable { what: what.into(), problem: problem.to_string() }
    }
}
