//! Filesystems and where they are mounted. The only part of `workspace` that touches the host's files.

mod adapter;
#[cfg(test)]
mod conformance;
mod dev;
mod disk;
mod filesystem;
mod ram;
mod table;
mod transfer;
mod unavailable;
mod usage;
mod view;

pub use disk::DiskFilesystem;
pub use filesystem::{Entry, Filesystem, Kind, Metadata};
pub use ram::RamFilesystem;

pub(super) use adapter::{EngineFilesystem, absolute};
pub(super) use dev::DevFilesystem;
pub(super) use table::{Mount, Table};
pub(super) use unavailable::UnavailableFilesystem;
pub(super) use usage::Usage;
pub(super) use view::{MAX_PATH, View};
