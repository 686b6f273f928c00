//! The tools of `/v1`, as agents call them: what each takes, and the one answer of all. Unknown parameters are refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Of `tools.shell`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShellToolParams {
    /// The script.
    pub command: String,
}

/// Of `tools.read`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadToolParams {
    /// The file.
    pub path: String,
    /// Lines to leave out at the beginning.
    #[serde(default)]
    pub offset: u64,
    /// At most so many lines, at least 1; 2000 when absent.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// Of `tools.write`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteToolParams {
    /// The file. One that is there must have been read in full in the session.
    pub path: String,
    /// Its new content.
    pub content: String,
}

/// Of `tools.edit`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditToolParams {
    /// The file.
    pub path: String,
    /// What to replace; must stand there once.
    pub old_string: String,
    /// What to put in its place.
    pub new_string: String,
    /// Replace it wherever it stands.
    #[serde(default)]
    pub replace_all: bool,
}

/// Of `tools.ls`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LsToolParams {
    /// The directory, or one file.
    pub path: String,
}

/// Of `tools.grep`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrepToolParams {
    /// A regular expression.
    pub pattern: String,
    /// A file, or a directory with everything below it.
    pub path: String,
    /// `-i`
    #[serde(default)]
    pub ignore_case: bool,
    /// `-F`: the pattern is plain text.
    #[serde(default)]
    pub fixed_strings: bool,
    /// `--include`: only files whose name matches, e.g. `*.rs`.
    #[serde(default)]
    pub include: Option<String>,
    /// `-C`: lines around each match.
    #[serde(default)]
    pub context: u64,
    /// `-l`: names of files only.
    #[serde(default)]
    pub files_with_matches: bool,
    /// `-c`: the number of lines that match, of each file.
    #[serde(default)]
    pub count: bool,
    /// `-m`: so many lines of each file, at least 1.
    #[serde(default)]
    pub max_count: Option<u64>,
}

/// Of `tools.glob`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobToolParams {
    /// The pattern.
    pub pattern: String,
    /// Where a relative pattern begins; `/` when absent.
    #[serde(default)]
    pub path: Option<String>,
}

/// Answer of every tool. A tool that fails is an answer, not a failure of the operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolAnswer {
    /// What it says, for the agent to read.
    pub text: String,
    /// Whether it failed.
    pub is_error: bool,
}
