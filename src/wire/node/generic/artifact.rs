//! Files that go into a generic job and come out of it.

use serde::{Deserialize, Serialize};

/// A file that a node keeps for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// `output_` or `upload_` and 16 hex digits.
    pub id: String,
    /// `artifact://local/<job>/<path>`, by which another job on the node names it as an input.
    pub uri: String,
    /// A name for people.
    pub name: String,
    /// Its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Length in bytes.
    pub size_bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
    /// `input` or `output`.
    pub scope: String,
    /// Who may have it: `owner-local`.
    pub access: String,
    /// How long it is kept.
    pub retention: Retention,
}

/// How long an artifact is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// From when it was made, seconds.
    pub ttl_seconds: u64,
    /// The same as an instant, ISO 8601.
    pub expires_at: String,
}

/// The body of an upload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ArtifactUpload {
    /// A name for people; the path's last part when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is among the job's files, relative, with `/`.
    #[serde(default)]
    pub path: String,
    /// The bytes.
    #[serde(default)]
    pub content_base64: String,
    /// Their media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// What their SHA-256 must be, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What their number must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
}
