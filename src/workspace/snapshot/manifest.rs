//! `manifest.json`: what a snapshot says beside its files.
//!
//! Written is the reference's version 2 with an object of our own, `waypost`, for what it has no place for. Read are its
//! versions 2, 3 and 5. Plain data: what it means is in `write.rs` and `restore.rs`.

use crate::workspace::SessionRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The manifest's name in the archive, where it is the first member.
pub(super) const NAME: &str = "manifest.json";

/// The reference's format that is written.
pub(super) const VERSION: u32 = 2;

/// The reference's formats that are read.
pub(super) const READ_VERSIONS: [u32; 3] = [2, 3, 5];

/// The number of our own part: higher ones are refused.
pub(super) const ORIGIN_FORMAT: u32 = 1;

/// The whole manifest. Fields that only the reference uses are written empty.
#[derive(Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// The reference's format number.
    pub version: u32,
    /// The writer; always `unknown` here, which old readers know.
    #[serde(default)]
    pub mirage_version: Value,
    /// What only Waypost writes and reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waypost: Option<Origin>,
    /// The mounts, in the order of their index.
    pub mounts: Vec<MountEntry>,
    /// The sessions.
    #[serde(default)]
    pub sessions: Vec<SessionEntry>,
    /// The session that is used when none is named.
    #[serde(default)]
    pub default_session_id: Option<String>,
    /// Always `default`; not read.
    #[serde(default, skip_deserializing)]
    pub default_agent_id: Option<String>,
    /// Always `default`; not read.
    #[serde(default, skip_deserializing)]
    pub current_agent_id: Option<String>,
    /// Always without entries; not read.
    #[serde(default, skip_deserializing)]
    pub cache: CacheEntry,
    /// Always empty; not read.
    #[serde(default, skip_deserializing)]
    pub history: [(); 0],
    /// Always empty; not read.
    #[serde(default, skip_deserializing)]
    pub jobs: [(); 0],
    /// Always empty; not read.
    #[serde(default, skip_deserializing)]
    pub fingerprints: [(); 0],
    /// Always empty; not read.
    #[serde(default, skip_deserializing)]
    pub live_only_mounts: [(); 0],
}

/// The reference's cache of remote files, of which nothing is saved.
#[derive(Debug, Default, Serialize)]
pub struct CacheEntry {
    /// Bytes it may hold; none for the reader's own default.
    pub limit: Option<u64>,
    /// Always none.
    pub max_drain_bytes: Option<u64>,
    /// Always empty.
    pub entries: [(); 0],
}

/// A mount.
#[derive(Debug, Serialize, Deserialize)]
pub struct MountEntry {
    /// Its number, which is in the names of its members.
    #[serde(default)]
    pub index: u64,
    /// Where it is mounted, `/data/`.
    pub prefix: String,
    /// `read`, `write` or `exec`.
    #[serde(default)]
    pub mode: Option<String>,
    /// `lazy` or `always`.
    #[serde(default)]
    pub consistency: Option<String>,
    /// The backend: our name, or a class of the reference.
    #[serde(default, alias = "vfs_class")]
    pub resource_class: Option<String>,
    /// The backend's name in newer formats of the reference.
    #[serde(default, alias = "vfs_ref", skip_deserializing)]
    pub resource_ref: Option<String>,
    /// A [`FileState`] for `ram` and `disk`, else `{type, config}`.
    #[serde(alias = "vfs_state")]
    pub resource_state: Box<RawValue>,
}

/// The state of a `ram` or `disk` mount. Paths of `ram` start with a slash, those of `disk` do not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct FileState {
    /// The backend.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// Files, and the members that hold them.
    #[serde(default)]
    pub files: BTreeMap<String, FileRef>,
    /// Directories.
    #[serde(default)]
    pub dirs: Vec<String>,
    /// When files were changed, RFC 3339.
    #[serde(default)]
    pub modified: BTreeMap<String, Value>,
    /// Always empty; not read.
    #[serde(default, skip_deserializing)]
    pub attrs: BTreeMap<String, Value>,
}

/// The member that holds a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileRef {
    /// The member's name.
    #[serde(rename = "__file")]
    pub member: String,
}

/// A session as the reference keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Its id.
    pub session_id: String,
    /// Its current directory.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Its exported variables. Ours are in the shell state of [`Origin::sessions`].
    #[serde(default)]
    pub env: BTreeMap<String, Value>,
    /// Seconds since 1970 UTC.
    #[serde(default)]
    pub created_at: Value,
    /// Mount prefixes that it may touch; none means all.
    #[serde(default)]
    pub allowed_mounts: Option<Vec<String>>,
    /// Mounts in which it may do less than they allow, and what.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub mount_modes: BTreeMap<String, String>,
}

/// What only Waypost writes and reads.
#[derive(Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The number of this object's own format.
    pub format: u32,
    /// The workspace's id.
    pub id: String,
    /// When it was created, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Its configuration, secrets replaced by [`super::REDACTED`].
    pub config: Value,
    /// Its sessions with their shell state, the default one first.
    pub sessions: Vec<SessionRecord>,
    /// What mounts have beside files, by prefix.
    pub mounts: BTreeMap<String, MountMeta>,
}

/// What a mount has beside the bytes of its files. Paths are relative, without a leading slash.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct MountMeta {
    /// Permission bits in octal, where they are not 0644 for a file and 0755 for a directory.
    #[serde(default)]
    pub modes: BTreeMap<String, String>,
    /// Symbolic links and their targets.
    #[serde(default)]
    pub symlinks: BTreeMap<String, String>,
    /// Milliseconds since 1970 UTC, of directories and links, and of files whose time RFC 3339 cannot say.
    #[serde(default)]
    pub modified_ms: BTreeMap<String, i64>,
}
