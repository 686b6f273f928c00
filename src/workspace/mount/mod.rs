//! Filesystems and where they are mounted. The only part of `workspace` that touches the host's files.

mod adapter;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod conforming;
mod dev;
mod disk;
mod file_cache;
mod filesystem;
mod ram;
mod remote;
mod replace;
mod table;
mod transfer;
mod unavailable;
mod usage;
mod view;

pub use disk::DiskFilesystem;
pub use file_cache::FileCache;
pub use filesystem::{Entry, Filesystem, Kind, Metadata, Refreshed, errno, is_below, parent, resized, spliced};
pub use ram::RamFilesystem;
pub use remote::{MountCache, RemoteMounts};

pub(super) use adapter::{EngineFilesystem, absolute};
pub(super) use dev::DevFilesystem;
pub(super) use replace::make_equal;
pub(super) use table::{Mount, Table};
pub(super) use unavailable::UnavailableFilesystem;
pub(super) use usage::Usage;
pub(super) use view::{MAX_PATH, View};
