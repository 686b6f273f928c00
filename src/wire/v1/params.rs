//! The parameters of each operation, as they stand in [`OperationRequest::params`](super::OperationRequest).
//!
//! Names are `snake_case`; doors translate the `camelCase` of other clients. A null is the same as an absent parameter.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Of operations on one workspace.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceParams {
    /// The workspace.
    pub id: String,
    /// `workspaces.get`: adds `internals`.
    #[serde(default)]
    pub verbose: bool,
}

/// Of `workspaces.create`. Unknown parameters are refused.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateParams {
    /// The new workspace's id; minted when absent.
    #[serde(default)]
    pub id: Option<String>,
    /// Its configuration: `{mounts: {"/data": {resource: "ram", mode?, config?}}, mode?}`.
    pub config: Value,
}

/// Of `workspaces.load`; the body is the archive, unless `path` says where it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadParams {
    /// The new workspace's id; minted when absent.
    #[serde(default)]
    pub id: Option<String>,
    /// `{mounts: {prefix: {resource, config}}}`: replaces what the snapshot says of these mounts.
    #[serde(default, rename = "override")]
    pub override_: Option<Value>,
    /// For a tar that is not a snapshot: the mount that gets its files. Default `/`.
    #[serde(default)]
    pub mount: Option<String>,
    /// The archive on the node's own host, below a directory that the owner allows; a relative one below the first.
    #[serde(default)]
    pub path: Option<String>,
    /// The archive in a snapshot store. There is none, so it is refused.
    #[serde(default)]
    pub key: Option<String>,
}

/// Of `workspaces.snapshot_to`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotToParams {
    /// The workspace.
    pub id: String,
    /// Where the archive goes on the node's own host, below a directory that the owner allows; a relative one below the
    /// first.
    #[serde(default)]
    pub path: Option<String>,
    /// A place in a snapshot store. There is none, so it is refused.
    #[serde(default)]
    pub key: Option<String>,
}

/// Of `workspaces.clone`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloneParams {
    /// The workspace to clone. Over HTTP the path has it, or `source_id`; the body's `id` is `new_id`.
    #[serde(alias = "source_id")]
    pub id: String,
    /// The version to clone: a branch, an id, or the beginning of one. The workspace as it is when absent.
    #[serde(default)]
    pub at: Option<String>,
    /// The clone's id; minted when absent.
    #[serde(default)]
    pub new_id: Option<String>,
    /// `{mounts: {prefix: {resource, config}}}`: replaces these mounts in the clone.
    #[serde(default, rename = "override")]
    pub override_: Option<Value>,
}

/// Of `workspaces.execute` and `workspaces.shell`; the body is standard input. Unknown parameters are ignored, as the
/// reference does; what a `shell` body may hold is checked at the door.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExecuteParams {
    /// The workspace.
    pub id: String,
    /// The script.
    pub command: String,
    /// The session; the default session when absent.
    #[serde(default)]
    pub session_id: Option<String>,
    /// Working directory for this script only.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Additional environment for this script only.
    #[serde(default)]
    pub env: Option<BTreeMap<String, String>>,
    /// Time limit, seconds. Default 600.
    #[serde(default)]
    pub timeout_s: Option<f64>,
    /// Output limit for stdout and stderr together, bytes.
    #[serde(default)]
    pub max_output_bytes: Option<u64>,
    /// Answer at once with a job's id instead of waiting.
    #[serde(default)]
    pub background: bool,
    /// Answer with the output as it comes, a line of JSON for each piece, and at last one that says how it ended.
    #[serde(default)]
    pub stream: bool,
    /// Run nothing, and say what would be read and written.
    #[serde(default)]
    pub provision: bool,
    /// Run nothing, and say which commands there are and that they would be allowed.
    #[serde(default)]
    pub explain: bool,
    /// Whether it counts in the workspace's history. Default true.
    #[serde(default)]
    pub record: Option<bool>,
    /// What runs it. There is only `workspace`, the workspace's own shell; any other name is refused.
    #[serde(default)]
    pub runtime: Option<String>,
}

/// Of `sessions.create`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateSessionParams {
    /// The workspace.
    pub id: String,
    /// The new session's id; minted when absent.
    #[serde(default)]
    pub session_id: Option<String>,
    /// The mounts that it may touch, `/data` or `/data:read`; all when absent.
    #[serde(default)]
    pub allowed_mounts: Option<Vec<String>>,
    /// The same as a list; or as a map `{"/data": "read"}`, which gives weaker modes and leaves other mounts as they are.
    #[serde(default)]
    pub mounts: Option<Value>,
    /// A profile of the workspace. There are none, so any name is unknown.
    #[serde(default)]
    pub profile: Option<String>,
}

/// Of `sessions.update`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSessionParams {
    /// The workspace.
    pub id: String,
    /// The session.
    pub session_id: String,
    /// The new profile; absent for the default one. There are none, so any name is unknown.
    #[serde(default)]
    pub profile: Option<String>,
}

/// Of `workspaces.refresh`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshParams {
    /// The workspace.
    pub id: String,
    /// What to forget, absolute; everything when absent or `/`.
    #[serde(default)]
    pub path: Option<String>,
}

/// Of operations on one session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SessionParams {
    /// The workspace.
    pub id: String,
    /// The session.
    pub session_id: String,
}

/// Of `jobs.list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListJobsParams {
    /// Only jobs of this workspace.
    #[serde(default)]
    pub workspace_id: Option<String>,
}

/// Of operations on one job.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct JobParams {
    /// The job.
    pub job_id: String,
}

/// Of `jobs.wait`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WaitParams {
    /// The job.
    pub job_id: String,
    /// Seconds; for ever when absent.
    #[serde(default)]
    pub timeout_s: Option<f64>,
}

/// Of `jobs.output`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct OutputParams {
    /// The job.
    pub job_id: String,
    /// `stdout` (default) or `stderr`.
    #[serde(default)]
    pub stream: OutputStream,
    /// The first byte that is wanted.
    #[serde(default)]
    pub offset: u64,
    /// At most so many bytes; 1 MiB when absent, and never more than that.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// One of the two streams of a job's output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    #[default]
    Stdout,
    /// Standard error.
    Stderr,
}
