//! Where workspaces survive a restart: the adapter of the workspace engine's `Store` port over SQLite and blob files.
//!
//! A workspace's files are a chain of layers, so that a clone is two new rows whatever the number of files. Contents of
//! up to 16 KiB are in their row; larger ones are files named by their SHA-256, written and synced before the
//! transaction that refers to them. Nothing here knows shells, mounts or HTTP.

mod blobs;
mod collect;
mod entries;
mod layers;
mod load;
mod rows;
mod sqlite;
#[cfg(test)]
mod tests;

pub use load::Damage;
pub use sqlite::SqliteStore;
