//! What becomes a service.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Whose service it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The user's own: no root is needed.
    #[default]
    User,
    /// The machine's, under an account of its own.
    System,
}

/// What a service manager is to run, and as whom. Secrets are no part of it: they are in files below `home`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Whose service it is.
    pub scope: Scope,
    /// The program, absolute.
    pub program: PathBuf,
    /// Its arguments, e.g. `node run --listen 127.0.0.1:8765`.
    pub args: Vec<String>,
    /// The node's state directory, absolute; the service gets it as `WAYPOST_HOME`.
    pub home: PathBuf,
    /// Where output goes that is not in the program's own logs, absolute; systemd takes the journal instead.
    pub logs: PathBuf,
    /// The account of a system service. A user's own service has none.
    pub account: Option<String>,
    /// The account's name whose service it is under [`Scope::User`], for linger.
    pub user: String,
}
