//! Which door a caller's command goes to.

use super::args::Global;
use super::error::{CliError, ExitKind};
use crate::base::Secret;
use crate::client::{Door, DoorError};
use crate::state::{Home, InstanceLock, NodeStatus, StateError};
use clap::Args;
use std::env;
use std::io::ErrorKind;

/// Options of every command that calls a door.
#[derive(Debug, Clone, Args)]
pub struct DoorArgs {
    /// A gateway, or a node's own address [default: the node that runs on this machine]
    #[arg(long, value_name = "URL", env = "WAYPOST_URL")]
    pub url: Option<String>,
    /// The key or token for it; better in the environment, where other users cannot read it
    #[arg(long, value_name = "TOKEN", env = "WAYPOST_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

impl DoorArgs {
    /// The door: as given, or the loopback door of this machine's node. What existing clients name in their environment
    /// counts where ours is not set.
    pub fn open(&self, global: &Global) -> Result<Door, CliError> {
        let theirs = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let token = self.token.clone().filter(|token| !token.is_empty()).or_else(|| theirs("MIRAGE_TOKEN"));
        let token = token.as_deref().map(Secret::new).filter(|token| !token.is_empty());
        if token.as_ref().is_some_and(|token| !token.is_one_word()) {
            return Err(CliError::new(ExitKind::Usage, "the token has characters that no token has")
                .hint("look for spaces and line breaks in WAYPOST_TOKEN or --token"));
        }
        let (url, token) = match self.url.clone().or_else(|| theirs("MIRAGE_DAEMON_URL")) {
            Some(url) => (url, token),
            None => local_door(global, token)?,
        };
        Door::open(&url, token).map_err(CliError::from)
    }

    /// The door for a command that makes a workspace.
    pub async fn open_or_spawn(&self, global: &Global) -> Result<Door, CliError> {
        self.open(global)
    }
}

fn local_door(global: &Global, token: Option<Secret>) -> Result<(String, Option<Secret>), CliError> {
    let home = Home::locate(global.home.clone())?;
    let Some(url) = running_at(&home)? else {
        return Err(CliError::new(ExitKind::NotRunning, format!("no node is running from {}", home.root().display()))
            .hint("start one with `waypost node run`, or name a door with --url or WAYPOST_URL"));
    };
    let token = match token {
        Some(token) => Some(token),
        None => home.api_token()?,
    };
    Ok((url, token))
}

/// Where the node of this home serves `/v1`, if it runs.
fn running_at(home: &Home) -> Result<Option<String>, StateError> {
    let Some(pid) = InstanceLock::holder(home)? else { return Ok(None) };
    Ok(NodeStatus::load(home)?.filter(|status| status.pid == pid).and_then(|status| status.api_url))
}

impl From<DoorError> for CliError {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::BadUrl(_) => Self::new(ExitKind::Usage, error.to_string()),
            DoorError::Http(_) => Self::new(ExitKind::Failure, error.to_string()),
            DoorError::Unreachable { .. } => Self::new(ExitKind::Unreachable, error.to_string())
                .hint("is it running, and is the address right? `waypost node doctor` checks a node"),
            DoorError::Foreign { .. } => {
                Self::new(ExitKind::Failure, error.to_string()).hint("is something else listening at this address?")
            }
            DoorError::Refused(problem) => Self::from_problem(&problem),
        }
    }
}

impl From<StateError> for CliError {
    fn from(error: StateError) -> Self {
        let text = error.to_string();
        let StateError::Io { source, .. } = error else {
            let running = matches!(error, StateError::AlreadyRunning { .. });
            return Self::new(if running { ExitKind::Superseded } else { ExitKind::Config }, text);
        };
        Self::new(ExitKind::Config, text).hint(match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on this disk",
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "mend the permissions, or choose another directory (--home or --data)"
            }
            _ => "choose a directory that can be used (--home or --data)",
        })
    }
}
