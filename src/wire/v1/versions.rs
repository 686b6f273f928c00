//! The parameters and answers of `versions.*`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The branch when none is named.
pub const DEFAULT_BRANCH: &str = "main";

fn default_branch() -> String {
    DEFAULT_BRANCH.to_owned()
}

/// Of `versions.commit`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CommitParams {
    /// The workspace.
    pub id: String,
    /// What was done; may be empty.
    #[serde(default)]
    pub message: String,
    /// The branch that gets the version. Once there are versions it must exist.
    #[serde(default = "default_branch")]
    pub branch: String,
}

/// Of `versions.log`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LogParams {
    /// The workspace.
    pub id: String,
    /// The branch.
    #[serde(default = "default_branch")]
    pub branch: String,
    /// At most so many versions, the newest ones; all when absent.
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Of `versions.branch`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BranchParams {
    /// The workspace.
    pub id: String,
    /// The new branch.
    pub name: String,
    /// Where it starts.
    #[serde(default = "default_branch")]
    pub from_branch: String,
}

/// Of `versions.diff`: from `a`, else the newest version of `branch`, to `b`, else the workspace as it is. `b` without `a`
/// has no effect.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DiffParams {
    /// The workspace.
    pub id: String,
    /// A branch, a version's id, or the beginning of one.
    #[serde(default)]
    pub a: Option<String>,
    /// Likewise.
    #[serde(default)]
    pub b: Option<String>,
    /// The branch.
    #[serde(default = "default_branch")]
    pub branch: String,
}

/// Of `versions.checkout`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckoutParams {
    /// The workspace.
    pub id: String,
    /// A branch, a version's id, or the beginning of one: at least four digits.
    #[serde(rename = "ref")]
    pub reference: String,
}

/// Of `versions.commit` and `versions.branch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BranchHead {
    /// The branch.
    pub branch: String,
    /// Its newest version, 40 hex digits.
    pub version: String,
}

/// An item of `versions.log`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionView {
    /// 40 hex digits.
    pub id: String,
    /// As it was given.
    pub message: String,
    /// Seconds since 1970 UTC.
    #[serde(default)]
    pub created_at: f64,
    /// The same.
    #[serde(rename = "createdAt", default)]
    pub created_at_camel: f64,
    /// The version before it.
    #[serde(default)]
    pub parent: Option<String>,
    /// `name <address>`.
    #[serde(default)]
    pub author: String,
}

/// Of `versions.diff`: paths without their first slash, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffAnswer {
    /// Only in the newer one.
    pub added: Vec<String>,
    /// In both, with another content or kind.
    pub modified: Vec<String>,
    /// Only in the older one.
    pub deleted: Vec<String>,
}
