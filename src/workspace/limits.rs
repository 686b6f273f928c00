//! What a workspace and one script in it may use.

use super::mount::RemoteMounts;
use bashkit::{ExecutionLimits, MemoryLimits};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Settings of all workspaces of a node.
#[derive(Debug, Clone)]
pub struct Options {
    /// Host directories that `disk` mounts may use, with everything below them. Empty: `disk` mounts are refused.
    pub disk_roots: Vec<PathBuf>,
    /// What opens remote mounts; none: there are no remote mounts.
    pub remote: Option<Arc<dyn RemoteMounts>>,
    /// Hosts that remote mounts may reach, as [`super::RemoteBackend::reaches_beyond`] reads them. Empty: remote mounts
    /// are refused.
    pub allow_remote: Vec<String>,
    /// Bytes of remote files that one workspace caches when its configuration does not say.
    pub max_cache_bytes: u64,
    /// The largest file, in bytes, in any mount.
    pub max_file_bytes: u64,
    /// Bytes that the `ram` mounts of one workspace hold together.
    pub max_workspace_bytes: u64,
    /// Files, directories and links in one `ram` mount, and in an archive that is loaded. Each costs a few hundred bytes
    /// that [`Options::max_workspace_bytes`] does not see.
    pub max_entries: u64,
    /// How long an execution may take when its request does not say.
    pub default_timeout: Duration,
    /// Bytes of stdout and stderr together when the request does not say.
    pub max_output_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            disk_roots: Vec::new(),
            remote: None,
            allow_remote: Vec::new(),
            max_cache_bytes: 512 << 20,
            max_file_bytes: 512 << 20,
            max_workspace_bytes: 2 << 30,
            max_entries: 65_536,
            default_timeout: Duration::from_secs(600),
            max_output_bytes: 64 << 20,
        }
    }
}

impl Options {
    /// What a workspace may become.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            max_bytes: self.max_workspace_bytes,
            max_file_bytes: self.max_file_bytes,
            max_entries: self.max_entries,
        }
    }
}

/// How large the `ram` mounts of a workspace may become: as the fields of [`Options`] say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes of all files together.
    pub max_bytes: u64,
    /// Bytes of one file.
    pub max_file_bytes: u64,
    /// Files, directories and links.
    pub max_entries: u64,
}

/// The engine's limits. They catch what time and output limits cannot: memory and the stack. Time and output are limited
/// per request from outside, because the engine takes its own only when a session starts.
pub(super) fn execution() -> ExecutionLimits {
    const MEGABYTE: usize = 1 << 20;
    let mut limits = ExecutionLimits::new()
        .max_commands(10_000_000)
        .max_loop_iterations(10_000_000)
        .max_total_loop_iterations(10_000_000)
        // Each level is several frames of the engine on the script's stack.
        .max_ast_depth(40)
        // A fork bomb doubles with every level; scripts nest subshells and background jobs three or four deep.
        .max_subshell_depth(12)
        .max_background_jobs(256)
        .max_parser_operations(20_000_000)
        .max_input_bytes(super::towers::MAX_SCRIPT)
        .max_stdout_bytes(512 * MEGABYTE)
        .max_stderr_bytes(512 * MEGABYTE)
        .max_live_intermediate_bytes(1 << 30)
        .max_aggregate_input_bytes(64 << 30)
        .max_work_units(u64::MAX / 4)
        .max_word_split_fields(2_000_000)
        .max_word_split_bytes(128 * MEGABYTE)
        .timeout(Duration::from_secs(u64::from(u32::MAX)));
    limits.parser_timeout = Duration::from_secs(10);
    limits
}

/// Limits of what a session keeps between executions.
pub(super) fn memory() -> MemoryLimits {
    MemoryLimits {
        max_total_variable_bytes: 64 << 20,
        max_variable_count: 100_000,
        max_array_entries: 1_000_000,
        ..MemoryLimits::default()
    }
}
