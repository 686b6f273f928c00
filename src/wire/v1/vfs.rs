//! The direct file calls of `/v1`: what each takes and answers. Unknown parameters are refused.
//!
//! Beside what is here, every call takes the path's `id`, and `session_id` and `explain` in its query.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Of the calls that take nothing but a path.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathParams {
    /// The path; a relative one begins at the session's directory.
    pub path: String,
}

/// Of `vfs.stat` and `vfs.listxattr`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatParams {
    /// The path.
    pub path: String,
    /// Take a link itself, not what it leads to.
    #[serde(default)]
    pub nofollow: bool,
}

/// Of `vfs.read`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadFileParams {
    /// The file.
    pub path: String,
    /// The first byte that is wanted.
    #[serde(default)]
    pub offset: u64,
    /// At most so many bytes; to the end when absent. One answer holds 64 MiB.
    #[serde(default)]
    pub size: Option<u64>,
}

/// Of `vfs.write` and `vfs.append`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteFileParams {
    /// The file.
    pub path: String,
    /// The bytes in base64.
    pub data_base64: String,
}

/// Of `vfs.pwrite`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteAtParams {
    /// The file, which is there.
    pub path: String,
    /// Where the bytes go. A gap behind the file's end is filled with zeroes.
    pub offset: u64,
    /// The bytes in base64.
    pub data_base64: String,
}

/// Of `vfs.truncate`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TruncateParams {
    /// The file.
    pub path: String,
    /// Its new length, bytes; what is new are zeroes.
    pub length: u64,
}

/// Of `vfs.rename`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameParams {
    /// What to move.
    pub src: String,
    /// Its new path, in the same mount.
    pub dst: String,
}

/// Of `vfs.symlink`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SymlinkParams {
    /// The link.
    pub path: String,
    /// Where it points; need not be there.
    pub target: String,
}

/// Of `vfs.setattr`. What is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAttributesParams {
    /// The path.
    pub path: String,
    /// Permission bits, e.g. 416 for `rw-r-----`.
    #[serde(default)]
    pub mode: Option<u32>,
    /// Every file belongs to user 0 (`root`): that is accepted, another one is `EPERM`.
    #[serde(default)]
    pub uid: Option<Owner>,
    /// The same for the group.
    #[serde(default)]
    pub gid: Option<Owner>,
    /// Accepted and not kept: no time of the last access is.
    #[serde(default)]
    pub atime: Option<Time>,
    /// Time of the last change.
    #[serde(default)]
    pub mtime: Option<Time>,
    /// Take a link itself.
    #[serde(default)]
    pub nofollow: bool,
}

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Owner {
    /// By number.
    Number(i64),
    /// By name.
    Name(String),
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Time {
    /// Seconds since 1970 UTC.
    Seconds(f64),
    /// The same as text, or RFC 3339.
    Text(String),
}

/// Of `vfs.getxattr` and `vfs.removexattr`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeParams {
    /// The path.
    pub path: String,
    /// The attribute, e.g. `user.note`.
    pub name: String,
    /// Take a link itself.
    #[serde(default)]
    pub nofollow: bool,
}

/// Of `vfs.setxattr`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAttributeParams {
    /// The path.
    pub path: String,
    /// The attribute.
    pub name: String,
    /// Its value in base64.
    pub value_base64: String,
    /// Only when it is new.
    #[serde(default)]
    pub create: bool,
    /// Only when it is there.
    #[serde(default)]
    pub replace: bool,
    /// Take a link itself.
    #[serde(default)]
    pub nofollow: bool,
}

/// Of `workspaces.glob`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobParams {
    /// The pattern, e.g. `/data/**/*.txt`; a relative one begins at the session's directory.
    pub pattern: String,
}

/// Answer of `vfs.read`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReadFile {
    /// The bytes in base64.
    pub data_base64: String,
}

/// Answer of `vfs.stat`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Stat {
    /// What is at the path.
    pub stat: FileStat,
}

/// What is at a path. Null is what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileStat {
    /// The last component of where it is.
    pub name: String,
    /// Bytes of a file, length of a link's target, 0 of a directory.
    pub size: u64,
    /// Time of the last change, RFC 3339 in UTC.
    pub modified: Option<String>,
    /// Null: no mount has one at hand.
    pub fingerprint: Option<String>,
    /// Null: no mount keeps revisions.
    pub revision: Option<String>,
    /// `file`, `directory` or `symlink`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `binary` for files: what they hold is not looked at.
    pub content: Option<String>,
    /// Permission bits.
    pub mode: u32,
    /// 0: every file has the same owner.
    pub uid: u32,
    /// 0.
    pub gid: u32,
    /// Null.
    pub atime: Option<String>,
    /// Null.
    pub ctime: Option<String>,
    /// Null.
    pub birthtime: Option<String>,
    /// A number that the files of one mount share.
    pub dev: u64,
}

/// Answer of `vfs.readdir`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Entries {
    /// Absolute paths in byte order.
    pub entries: Vec<String>,
}

/// Answer of `vfs.list_files`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FileNames {
    /// Names of all members that are no directories, in byte order.
    pub files: Vec<String>,
}

/// Answer of `vfs.exists`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Exists {
    /// Whether something is there that the session can see, links followed.
    pub exists: bool,
}

/// Answer of `vfs.is_dir`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IsDirectory {
    /// Whether it is a directory, links followed.
    pub is_dir: bool,
}

/// Answer of `vfs.is_file`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IsFile {
    /// Whether it is a file, links followed.
    pub is_file: bool,
}

/// Answer of `vfs.readlink`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LinkTarget {
    /// As it was written.
    pub target: String,
}

/// Answer of `vfs.setattr`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// Always empty, as the reference has it for mounts that keep everything that was asked for.
    pub changed: Map<String, Value>,
}

/// Answer of `vfs.listxattr`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct AttributeNames {
    /// Always empty: no mount keeps extended attributes.
    pub names: Vec<String>,
}

/// Answer of the calls that only do something.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

/// Answer of `workspaces.glob`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Paths {
    /// Absolute paths in byte order.
    pub paths: Vec<String>,
}

/// Answer of every file call with `explain`: nothing was done.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The call, e.g. `unlink`.
    pub call: String,
    /// Its paths, absolute.
    pub paths: Vec<String>,
    /// `allow` or `deny`.
    pub outcome: String,
    /// Why it would be denied; else empty.
    pub reason: String,
    /// What denies it, e.g. `mount /ro/`; else empty.
    pub source: String,
    /// The error that it would end with, `{errno, detail}`, when it would be denied.
    pub refusal: Option<Value>,
    /// Always empty: nobody is asked.
    pub answers: Vec<Value>,
    /// What else is wrong with a path; else empty.
    pub error: String,
}
