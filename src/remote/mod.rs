//! Remote storage as filesystems: S3 and what is compatible with it, and behind cargo features other kinds.
//!
//! The adapter of the port that `workspace` declares. What storage lacks of a filesystem is made up here: directories,
//! appending, renaming; what cannot be made up is refused. `docs/remote-mounts.md` says what that means to a script.

mod bridge;
mod change;
mod empty_dirs;
mod error;
mod fetch;
mod filesystem;
mod http;
mod index;
mod list;
mod look;
mod mounts;
mod operator;
mod remove;
mod rename;
mod storage;
mod write;

pub use mounts::OpendalMounts;
