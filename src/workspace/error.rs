//! What can go wrong with a workspace, in the words that its caller reads.

use super::files::FileError;
use super::store::StoreError;

/// A request to the workspace engine failed and changed nothing, unless the variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No workspace of that id.
    #[error("workspace not found")]
    NotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The id is taken.
    #[error("workspace id already exists: '{id}'")]
    Exists {
        /// The taken id.
        id: String,
    },
    /// Ids are 1 to 128 of `A-Z a-z 0-9 . _ -`, not `.` or `..`, and not a word that a route needs.
    #[error(
        "invalid workspace id: '{id}' (use 1 to 128 letters, digits, '.', '_' or '-'; 'load' and 'clone' are taken)"
    )]
    InvalidId {
        /// The refused id.
        id: String,
    },
    /// The configuration cannot be used.
    #[error("{at}: {reason}")]
    InvalidConfig {
        /// Where in the configuration, e.g. `mounts./data.mode`.
        at: String,
        /// What is wrong there and what would be right.
        reason: String,
    },
    /// No session of that id in the workspace.
    #[error("session not found")]
    SessionNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The session id is taken.
    #[error("session id already exists: '{id}'")]
    SessionExists {
        /// The taken id.
        id: String,
    },
    /// The request is well formed but cannot be done as things are, e.g. deleting the default session.
    #[error("{reason}")]
    Conflict {
        /// Why, and what to do instead.
        reason: String,
    },
    /// The owner of the machine does not allow it.
    #[error("refused by the owner's policy ({rule}): {reason}")]
    Refused {
        /// The rule's name, e.g. `disk_roots`.
        rule: &'static str,
        /// What was refused and how the owner could allow it.
        reason: String,
    },
    /// An archive cannot be loaded; nothing of it was.
    #[error("load failed: {reason}")]
    BadArchive {
        /// What is wrong with which member.
        reason: String,
    },
    /// An archive has more entries than may be; nothing of it was loaded.
    #[error("load failed: more than {limit} entries, at '{at}'")]
    TooMany {
        /// How many there may be.
        limit: u64,
        /// The first entry that is one too many, shortened and without control characters.
        at: String,
    },
    /// The request would exceed a limit.
    #[error("{what} is limited to {limit} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit in bytes.
        limit: u64,
    },
    /// The caller asked for the end before it was done.
    #[error("cancelled")]
    Cancelled,
    /// A direct call on a file failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The host failed: disk full, I/O error. The change is not acknowledged and may be missing after a restart.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host failed at something other than the store.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, with the path.
        what: String,
        /// What the host said.
        #[source]
        source: std::io::Error,
    },
}
