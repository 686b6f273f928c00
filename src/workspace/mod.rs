//! Virtual filesystems, shell, sessions and snapshots.
//!
//! Pure but for `mount/`: no host files, no network, no processes, no environment.

mod brace;
mod builtins;
mod calls;
mod config;
mod error;
mod execute;
mod guard;
mod limits;
pub mod mount;
mod output;
mod persist;
mod registry;
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
#[allow(clippy::module_inception)] // the module is named for the product's word, and so is its main type's file
mod workspace;

pub use config::{Backend, Mode, MountConfig, WorkspaceConfig};
pub use error::Error;
pub use execute::{End, ExecuteOutcome, ExecuteRequest};
pub use limits::Options;
pub use output::{OutputSink, Stream};
pub use registry::Workspaces;
pub use session::SessionView;
pub use store::{Delta, SessionRecord, Store, StoreError, StoredWorkspace, WorkspaceRecord};
pub use tree::{Change, Content, Node, NodeKind, Tree};
pub use workspace::{DiskMount, Workspace};
