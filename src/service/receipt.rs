//! What an installation did, kept beside the node's state so that it can be taken back exactly.

use super::{Entry, Scope, ServiceError};
use crate::base::{read_private, write_private};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The receipt, `install.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The version of this format: 1.
    pub format: u32,
    /// The version of the program that installed.
    pub version: String,
    /// Whose service it is.
    pub scope: Scope,
    /// The program that the service runs.
    pub program: PathBuf,
    /// The arguments it runs with.
    pub args: Vec<String>,
    /// What was done, in its order.
    pub entries: Vec<Entry>,
}

/// What became of undoing one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// One line: `removed /home/dev/.config/systemd/user/waypost-node.service`.
    pub what: String,
    /// Why it was left as it is, e.g. because the file has been changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

impl Receipt {
    /// Adds what was done; a thing that is in it already keeps its first `before`.
    pub fn add(&mut self, entry: Entry) {
        if let Entry::File { path, sha256, .. } = &entry {
            for known in &mut self.entries {
                if let Entry::File { path: known_path, sha256: known_hash, .. } = known
                    && known_path == path
                {
                    known_hash.clone_from(sha256);
                    return;
                }
            }
        }
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    /// Reads a receipt; none when there is none.
    ///
    /// # Errors
    /// What the file system said, or that it is not a receipt.
    pub fn load(path: &Path) -> Result<Option<Self>, ServiceError> {
        let text = match read_private(path) {
            Ok(text) => text,
            Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(None),
            Err(failed) => return Err(ServiceError::io(path)(failed)),
        };
        serde_json::from_str(&text).map(Some).map_err(|wrong| ServiceError::io(path)(wrong.into()))
    }

    /// Writes it, atomically and readable by its owner only.
    ///
    /// # Errors
    /// What the file system said; the old one is in force then.
    pub fn store(&self, path: &Path) -> Result<(), ServiceError> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        write_private(path, text.as_bytes()).map_err(ServiceError::io(path))
    }
}
