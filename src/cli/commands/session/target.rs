//! The session that a command is about.

use crate::client::escape;
use clap::Args;

/// Arguments of commands on one session.
#[derive(Debug, Args)]
pub struct Target {
    /// The workspace
    #[arg(value_name = "WORKSPACE")]
    pub workspace: String,
    /// The session
    #[arg(value_name = "SESSION")]
    pub session: String,
}

impl Target {
    /// Its path at a server.
    pub fn path(&self) -> String {
        format!("/v1/workspaces/{}/sessions/{}", escape(&self.workspace), escape(&self.session))
    }
}
