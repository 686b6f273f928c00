//! The reference's own clients, driven through the same steps at any door of ours.

mod client;
mod run;
mod starter;
pub mod steps;
mod versions;

pub use client::{ByDoor, Client, Door};
pub use run::Run;
pub use versions::chosen;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Version → step → exit code against that version's own daemon.
pub type Record = BTreeMap<String, BTreeMap<String, i32>>;

/// Where the record is kept.
pub fn record_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/recorded.json")
}

pub fn record() -> Record {
    std::fs::read(record_path()).map_or_else(|_| Record::new(), |text| serde_json::from_slice(&text).unwrap())
}
