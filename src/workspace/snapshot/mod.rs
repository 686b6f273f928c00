//! A workspace as a tar stream, and back.
//!
//! A snapshot is a plain tar that `tar tf` lists: `manifest.json` first, then each file under its own name,
//! `mounts/<index>/files/<path>`. Equal states give equal bytes. [`read`] takes such snapshots, those of the protocol's
//! reference daemons, and any other tar; it takes an archive whole or refuses it whole. Pure: bytes in, bytes out, no
//! host path is ever opened or named.

mod append;
mod backend;
mod build;
mod describe;
mod limits;
mod manifest;
mod member;
mod name;
mod pax;
mod plain;
mod read;
mod redact;
mod restore;
#[cfg(test)]
mod tests;
mod write;

pub use limits::LoadLimits;
pub use manifest::{CacheEntry, FileRef, FileState, Manifest, MountEntry, MountMeta, Origin, SessionEntry};
pub use read::{Loaded, read};
pub use redact::{REDACTED, is_redacted};
pub use restore::{LoadedMount, LoadedSession, Snapshot};
pub use write::{DiskEntry, DiskFiles, DiskKind, SnapshotOut, write};
