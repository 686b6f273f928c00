//! The port through which a workspace's versions are kept. Declared here by its user; `crate::versions` is the adapter.
//!
//! A version is all files of `ram` and `disk` mounts and the sessions at one moment. Of other mounts only the
//! configuration is part of it.

use super::mount::Filesystem;
use super::{Nesting, SessionRecord, Tree};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whose versions are meant: those of a workspace that is there, or the last ones that were kept under an id. Another
/// workspace that had the same id before does not count as the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The workspace's id.
    pub id: String,
    /// When the workspace was created, milliseconds since 1970 UTC; none when it is no longer there.
    pub created_ms: Option<i64>,
}

/// A workspace at one moment, without the secrets of its configuration.
pub struct Captured {
    /// The configuration.
    pub config: Value,
    /// The sessions; the first one is the default session.
    pub sessions: Vec<SessionRecord>,
    /// The mounts of the configuration.
    pub mounts: Vec<CapturedMount>,
    /// Where all mounts are.
    pub nesting: Nesting,
    /// The most bytes that the files of one disk mount may have together.
    pub max_disk_bytes: u64,
}

/// A mount at one moment.
pub struct CapturedMount {
    /// `/data/`.
    pub prefix: String,
    /// The backend's name.
    pub resource: String,
    /// Its files.
    pub files: CapturedFiles,
}

/// The files of a mount, as far as they are part of a version.
pub enum CapturedFiles {
    /// Of a `ram` mount.
    Ram(Tree),
    /// Of a `disk` mount, to be read. Its methods block.
    Disk(Arc<dyn Filesystem>),
    /// Not part of it.
    Elsewhere,
}

/// A version, read back.
#[derive(Debug, Clone)]
pub struct StoredVersion {
    /// Its full id.
    pub id: String,
    /// The workspace's configuration, without secrets.
    pub config: Value,
    /// The sessions; the first one is the default session.
    pub sessions: Vec<SessionRecord>,
    /// By prefix, the mounts whose files it holds.
    pub mounts: BTreeMap<String, StoredMount>,
}

/// A mount of a version.
#[derive(Debug, Clone)]
pub struct StoredMount {
    /// The backend's name: `ram` or `disk`.
    pub resource: String,
    /// Its files. Times of last change are that of the version.
    pub tree: Tree,
}

/// An entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 40 hex digits.
    pub id: String,
    /// As it was given.
    pub message: String,
    /// Seconds since 1970 UTC.
    pub created_s: i64,
    /// The version before it.
    pub parent: Option<String>,
    /// `name <address>`.
    pub author: String,
}

/// One side of a comparison.
pub enum Side {
    /// The newest version of a branch; nothing at all when there is no such branch.
    Head(String),
    /// A branch, an id, or the beginning of an id.
    Version(String),
    /// A workspace as it is now.
    Live(Captured),
}

/// What differs: absolute paths without their first slash, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Only in the newer one.
    pub added: Vec<String>,
    /// In both, with another content or kind.
    pub modified: Vec<String>,
    /// Only in the older one.
    pub deleted: Vec<String>,
}

/// What can go wrong with versions. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VersionsError {
    /// There are versions, but no such branch to add one to.
    #[error("no branch '{name}'; create it first with `waypost workspace branch`")]
    NoBranch {
        /// The branch.
        name: String,
    },
    /// There is no such branch to start from.
    #[error("no such branch: '{name}'")]
    BranchNotFound {
        /// The branch.
        name: String,
    },
    /// The name is taken.
    #[error("branch already exists: '{name}'")]
    BranchExists {
        /// The branch.
        name: String,
    },
    /// One name would be a directory of the other.
    #[error("branch '{name}' cannot be beside branch '{other}'")]
    BranchConflict {
        /// The new branch.
        name: String,
        /// The one that is there.
        other: String,
    },
    /// Not a branch's name.
    #[error("invalid branch name: '{name}'")]
    InvalidBranch {
        /// The refused name.
        name: String,
    },
    /// A message cannot hold NUL.
    #[error("message: must not contain NUL")]
    InvalidMessage,
    /// Somebody else moved the branch meanwhile.
    #[error(
        "branch '{branch}' moved since this commit was prepared; refusing to overwrite (re-read the head and retry)"
    )]
    Moved {
        /// The branch.
        branch: String,
    },
    /// Neither a branch nor a version, or not a unique beginning of one.
    #[error("version not found: {reference}")]
    VersionNotFound {
        /// What was asked for.
        reference: String,
    },
    /// A file of a disk mount cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path in the workspace.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A disk mount holds more than a version may.
    #[error("the files of {prefix} are more than {limit} bytes or too many")]
    TooLarge {
        /// The mount.
        prefix: String,
        /// The limit.
        limit: u64,
    },
    /// What is kept cannot be understood.
    #[error("the versions kept for '{id}' cannot be used: {reason}")]
    Unusable {
        /// The workspace's id.
        id: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The host failed.
    #[error("versions: {what}: {source}")]
    Host {
        /// What was tried.
        what: &'static str,
        /// What the host said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Keeps versions. Every method blocks, and what it kept survives a power cut when it returns.
pub trait Versions: Send + Sync {
    /// Keeps what `capture` gives as the newest version of `branch`, and returns its id. Commits of one workspace come
    /// one after the other, `capture` is called when it is this one's turn. The first one may name any branch.
    ///
    /// # Errors
    /// Every variant but the ones about references.
    fn commit(
        &self,
        owner: &Owner,
        branch: &str,
        message: &str,
        capture: &dyn Fn() -> Captured,
    ) -> Result<String, VersionsError>;

    /// The versions of a branch, newest first, at most `limit`. None for a branch or a workspace that is not there;
    /// asking creates nothing.
    ///
    /// # Errors
    /// [`VersionsError::Unusable`], [`VersionsError::Host`].
    fn log(&self, owner: &Owner, branch: &str, limit: usize) -> Result<Vec<Version>, VersionsError>;

    /// Creates the branch `name` at the newest version of `from`, whose id it returns.
    ///
    /// # Errors
    /// The variants about branches; [`VersionsError::Unusable`], [`VersionsError::Host`].
    fn branch(&self, owner: &Owner, name: &str, from: &str) -> Result<String, VersionsError>;

    /// What turns `older` into `newer`. Keeps nothing.
    ///
    /// # Errors
    /// [`VersionsError::VersionNotFound`]; for a live side also those of reading its files.
    fn diff(&self, owner: &Owner, older: &Side, newer: &Side) -> Result<Differences, VersionsError>;

    /// The version that a branch, an id or the beginning of an id names.
    ///
    /// # Errors
    /// [`VersionsError::VersionNotFound`], [`VersionsError::Unusable`], [`VersionsError::Host`].
    fn read(&self, owner: &Owner, reference: &str) -> Result<StoredVersion, VersionsError>;

    /// The workspace is gone: what is held in memory for it is of no use any more. Its versions stay.
    fn forget(&self, id: &str);
}
