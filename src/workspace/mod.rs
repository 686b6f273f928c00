//! Virtual filesystems, shell, sessions and snapshots.
//!
//! Pure but for `mount/`: no host files, no network, no processes, no environment.

mod brace;
mod builtins;
mod calls;
mod capture;
mod config;
mod dry;
mod error;
mod execute;
mod files;
mod guard;
mod limits;
pub mod mount;
mod nesting;
mod output;
mod persist;
mod registry;
mod restore;
mod rewrite;
mod scripts;
mod session;
mod shell;
pub mod snapshot;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod threads;
mod towers;
mod tree;
mod versions;
#[allow(clippy::module_inception)] // the module is named for the product's word, and so is its main type's file
mod workspace;

pub use config::{Backend, Freshness, Mode, MountConfig, Protocol, RemoteBackend, WorkspaceConfig, normalise_prefix};
pub use dry::{Cost, Estimate, Explained, ExplainedWord, Precision};
pub use error::Error;
pub use execute::{End, ExecuteOutcome, ExecuteRequest};
pub use files::{
    Access, Errno, ExplainedCall, FileError, FileMatches, FileStat, Files, Line, NewAttributes, Refused, Search, Wanted,
};
pub use limits::{Options, Sizes};
pub use nesting::{Covered, Nesting};
pub use output::{OutputSink, Stream};
pub use registry::{Workspaces, is_valid_id};
pub use session::{Narrowing, SessionView};
pub use store::{Delta, SessionRecord, Store, StoreError, StoredWorkspace, WorkspaceRecord};
pub use tree::{Change, Content, Node, NodeKind, Tree};
pub use versions::{
    Captured, CapturedFiles, CapturedMount, Differences, Owner, Side, StoredMount, StoredVersion, Version, Versions,
    VersionsError,
};
pub use workspace::{DiskMount, Workspace};
