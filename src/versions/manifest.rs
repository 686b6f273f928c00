//! What of a version git cannot say by itself, in files of ours at the top of the tree.
//!
//! `.mirage/meta.json` has the configuration and, per mount, modes and empty directories; `.mirage/sessions.json` has the
//! sessions, apart because they change more often.

use super::error::host;
use crate::workspace::{SessionRecord, VersionsError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the manifest is.
pub(super) const META: &str = ".mirage/meta.json";
/// Where the sessions are.
pub(super) const SESSIONS: &str = ".mirage/sessions.json";
/// The newest form that is understood.
const FORMAT: u32 = 1;

/// `.mirage/meta.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// `waypost`.
    pub program: String,
    /// The form of this file.
    pub format: u32,
    /// The workspace's configuration, without secrets.
    pub config: Value,
    /// All mounts of the configuration.
    pub mounts: Vec<MountEntry>,
}

/// A mount.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MountEntry {
    /// `/data/`.
    pub prefix: String,
    /// The backend's name.
    pub resource: String,
    /// Whether its files are in the tree.
    pub versioned: bool,
    /// Modes that git has no word for, octal, by path in the mount; and those of directories that hold nothing, which git
    /// does not know at all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub modes: BTreeMap<Arc<str>, Octal>,
}

/// A mode, written as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Octal(pub u32);

impl From<Octal> for String {
    fn from(mode: Octal) -> Self {
        format!("{:04o}", mode.0)
    }
}

impl TryFrom<String> for Octal {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u32::from_str_radix(&text, 8).map(|mode| Self(mode & 0o7777))
    }
}

impl Manifest {
    /// The manifest of a workspace with these mounts.
    pub(super) fn new(config: Value, mounts: Vec<MountEntry>) -> Self {
        Self { program: "waypost".to_owned(), format: FORMAT, config, mounts }
    }

    /// The file's bytes.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, VersionsError> {
        pretty(self)
    }

    /// Reads the file; the error says what is wrong.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| format!("{META}: {error}"))?;
        if manifest.program != "waypost" || manifest.format > FORMAT {
            return Err(format!("{META} was written by another program, or a newer version of this one"));
        }
        Ok(manifest)
    }
}

/// The bytes of the file of sessions.
pub(super) fn sessions_to_bytes(sessions: &[SessionRecord]) -> Result<Vec<u8>, VersionsError> {
    pretty(&sessions)
}

/// Reads the file of sessions; the error says what is wrong.
pub(super) fn parse_sessions(bytes: &[u8]) -> Result<Vec<SessionRecord>, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("{SESSIONS}: {error}"))
}

/// Lines, so that `git show` has something to show.
fn pretty(value: &impl Serialize) -> Result<Vec<u8>, VersionsError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(host("describe a workspace"))?;
    bytes.push(b'\n');
    Ok(bytes)
}
