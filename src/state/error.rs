//! What can be wrong with the node's own files, each with the way out.

use std::io;
use std::path::{Path, PathBuf};

/// The node's own files could not be read, written or taken.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The platform names no home directory.
    #[error("this user has no home directory: set WAYPOST_HOME to the directory the node may use")]
    NoHome,
    /// The directory is open to others.
    #[error("{} is to hold secrets but others may enter it (mode {mode:04o}): run `chmod 700 {}`, or choose another directory", path.display(), path.display())]
    LooseDirectory {
        /// The directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file's content is not what it should be.
    #[error("{} line {line} column {column}: {problem}; mend it, or delete it and run `waypost node setup` again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// The machine's id is not one.
    #[error("{} does not hold a machine id (a UUID): restore it, or delete it to become a new machine", path.display())]
    NotAMachineId {
        /// The file.
        path: PathBuf,
    },
    /// There is no mswarm node that could be taken over.
    #[error("{} is not the directory of an mswarm node that can be taken over: {problem}", path.display())]
    NotAnMswarmNode {
        /// The directory.
        path: PathBuf,
        /// What is missing or wrong.
        problem: String,
    },
    /// A file's content is not text.
    #[error("{} is damaged: {way_out}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What to do about it.
        way_out: &'static str,
    },
    /// Another process is the node of this home.
    #[error("the node at {} is running already{}: stop it, or give this one another WAYPOST_HOME", home.display(), pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    AlreadyRunning {
        /// Whose.
        home: PathBuf,
        /// The other process, when it said so.
        pid: Option<u32>,
    },
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
}

impl StateError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
