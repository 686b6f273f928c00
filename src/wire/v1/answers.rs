//! The answers of each operation. Every field that two generations of clients spell differently is sent in both spellings.

use super::params::OutputStream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of `health`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// Number of workspaces.
    pub workspaces: usize,
    /// Seconds since the start, to the millisecond.
    pub uptime_s: f64,
    /// The same.
    #[serde(rename = "uptimeS", default)]
    pub uptime_s_camel: f64,
}

/// Of `shutdown`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ShuttingDown {
    /// `shutting_down`.
    pub status: String,
    /// The process that ends.
    pub pid: u32,
}

/// Of `workspaces.create`, `get`, `load` and `clone`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceDetail {
    /// The workspace.
    pub id: String,
    /// The mode of the first user mount, longest prefix first, as the reference has it: `read`, `write` or `exec`.
    pub mode: String,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// The same.
    #[serde(rename = "createdAt", default)]
    pub created_at_camel: f64,
    /// Always empty.
    #[serde(default)]
    pub fuse_mountpoints: serde_json::Map<String, Value>,
    /// In the order of their creation.
    pub sessions: Vec<SessionView>,
    /// Longest prefix first.
    pub mounts: Vec<MountView>,
    /// With `verbose`: `{cache_bytes, cache_entries, history_length, in_flight_jobs}`, in both spellings.
    pub internals: Option<Value>,
    /// Of a creation that found the very same workspace there (200, not 201).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub existing: bool,
}

/// A mount of a workspace.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MountView {
    /// `/data/`.
    pub prefix: String,
    /// `ram` or `disk`.
    pub resource: String,
    /// The same.
    #[serde(default)]
    pub vfs: String,
    /// `read`, `write` or `exec`.
    pub mode: String,
    /// For people and models.
    #[serde(default)]
    pub description: String,
}

/// A session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionView {
    /// Its id.
    pub session_id: String,
    /// The same.
    #[serde(rename = "sessionId", default)]
    pub session_id_camel: String,
    /// Its current directory.
    pub cwd: String,
}

/// An item of `workspaces.list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceSummary {
    /// The workspace.
    pub id: String,
    /// As in [`WorkspaceDetail::mode`].
    pub mode: String,
    /// Number of mounts.
    pub mount_count: usize,
    /// The same.
    #[serde(rename = "mountCount", default)]
    pub mount_count_camel: usize,
    /// Number of sessions.
    pub session_count: usize,
    /// The same.
    #[serde(rename = "sessionCount", default)]
    pub session_count_camel: usize,
    /// Seconds since 1970 UTC.
    pub created_at: f64,
    /// The same.
    #[serde(rename = "createdAt", default)]
    pub created_at_camel: f64,
}

/// Of `workspaces.delete`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeletedWorkspace {
    /// The workspace that was.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub closed_at: f64,
    /// The same.
    #[serde(rename = "closedAt", default)]
    pub closed_at_camel: f64,
}

/// Of `workspaces.snapshot_to`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct WrittenSnapshot {
    /// The workspace.
    pub id: String,
    /// Where the archive is on the node's host, absolute.
    pub path: String,
    /// Its bytes.
    pub size: u64,
}

/// Of `sessions.delete`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeletedSession {
    /// The session that was.
    pub session_id: String,
    /// The same.
    #[serde(rename = "sessionId", default)]
    pub session_id_camel: String,
}

/// Of `workspaces.execute`. Every exit code is a success of the operation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExecuteAnswer {
    /// `io`.
    pub kind: String,
    /// The script's exit code; 124 when the time limit ended it.
    pub exit_code: i32,
    /// The same.
    #[serde(rename = "exitCode", default)]
    pub exit_code_camel: i32,
    /// Standard output as text; bytes that are not UTF-8 become U+FFFD.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Always null: nothing in a script is refused by asking.
    #[serde(default)]
    pub refusal: Option<Value>,
    /// How it ended: `exited`, `timed_out`, `cancelled`, `output_limit` or `resource_limit`.
    #[serde(default)]
    pub end: String,
    /// Standard output in base64, present when it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout_base64: Option<String>,
    /// Standard error in base64, present when it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr_base64: Option<String>,
    /// The line as a job of `/v1/jobs`; also in the header `X-Mirage-Job-Id`.
    #[serde(default)]
    pub job_id: String,
    /// The same.
    #[serde(rename = "jobId", default)]
    pub job_id_camel: String,
}

/// Of `workspaces.execute` in the background (202).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The job.
    pub job_id: String,
    /// The same.
    #[serde(rename = "jobId", default)]
    pub job_id_camel: String,
    /// Its workspace.
    pub workspace_id: String,
    /// The same.
    #[serde(rename = "workspaceId", default)]
    pub workspace_id_camel: String,
    /// Seconds since 1970 UTC.
    pub submitted_at: f64,
    /// The same.
    #[serde(rename = "submittedAt", default)]
    pub submitted_at_camel: f64,
}

/// Where a node's own job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Not begun.
    Pending,
    /// Runs.
    Running,
    /// Ended, whatever the exit code.
    Done,
    /// Ended with an error, or lost in a restart.
    Failed,
    /// Ended because somebody asked.
    Canceled,
}

/// Of `jobs.get` and `jobs.wait`, and an item of `jobs.list` (there without `result` and `error`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct JobDetail {
    /// `job_…`.
    pub job_id: String,
    /// The same.
    #[serde(rename = "jobId", default)]
    pub job_id_camel: String,
    /// Its workspace.
    pub workspace_id: String,
    /// The same.
    #[serde(rename = "workspaceId", default)]
    pub workspace_id_camel: String,
    /// Its session; empty in jobs of earlier versions.
    #[serde(default)]
    pub session_id: String,
    /// The same.
    #[serde(rename = "sessionId", default)]
    pub session_id_camel: String,
    /// The script.
    pub command: String,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Whether somebody asked for its end.
    #[serde(default)]
    pub cancel_requested: bool,
    /// The same.
    #[serde(rename = "cancelRequested", default)]
    pub cancel_requested_camel: bool,
    /// Seconds since 1970 UTC.
    pub submitted_at: f64,
    /// The same.
    #[serde(rename = "submittedAt", default)]
    pub submitted_at_camel: f64,
    /// Seconds since 1970 UTC.
    pub started_at: Option<f64>,
    /// The same.
    #[serde(rename = "startedAt", default)]
    pub started_at_camel: Option<f64>,
    /// Seconds since 1970 UTC.
    pub finished_at: Option<f64>,
    /// The same.
    #[serde(rename = "finishedAt", default)]
    pub finished_at_camel: Option<f64>,
    /// The answer, once done.
    #[serde(default)]
    pub result: Option<Value>,
    /// The error, once failed.
    #[serde(default)]
    pub error: Option<String>,
}

/// Of `jobs.output`: a piece of what a job has written so far. No bytes and `ended` means that there will be no more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct JobOutput {
    /// The job.
    pub job_id: String,
    /// The same.
    #[serde(rename = "jobId", default)]
    pub job_id_camel: String,
    /// Which output.
    pub stream: OutputStream,
    /// Where `data_base64` begins, bytes.
    pub offset: u64,
    /// Where the next piece begins.
    pub next_offset: u64,
    /// The same.
    #[serde(rename = "nextOffset", default)]
    pub next_offset_camel: u64,
    /// The bytes in base64.
    pub data_base64: String,
    /// The same.
    #[serde(rename = "dataBase64", default)]
    pub data_base64_camel: String,
    /// Whether the job has ended, so that what is there is all there will be.
    pub ended: bool,
}

/// Of `workspaces.cancel` and `sessions.cancel`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CancelledLines {
    /// Scripts that were ended, in the background or not.
    pub canceled: usize,
}

/// Of `workspaces.kill` and `sessions.kill`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct KilledJobs {
    /// Background jobs that were ended.
    pub killed: usize,
}

/// Of `workspaces.refresh`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RefreshedPath {
    /// The workspace.
    pub id: String,
    /// The path, absolute; `/` for every mount.
    pub path: String,
    /// Cached contents that were dropped.
    pub file_entries: u64,
    /// The same.
    #[serde(rename = "fileEntries", default)]
    pub file_entries_camel: u64,
    /// Cached listings and stats that were dropped.
    pub index_entries: u64,
    /// The same.
    #[serde(rename = "indexEntries", default)]
    pub index_entries_camel: u64,
}

/// Of `jobs.cancel`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CancelledJob {
    /// The job.
    pub job_id: String,
    /// The same.
    #[serde(rename = "jobId", default)]
    pub job_id_camel: String,
    /// False when it had ended already.
    pub canceled: bool,
}
