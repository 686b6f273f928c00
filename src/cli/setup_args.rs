//! What an owner says of the node when it joins.

use super::error::{CliError, ExitKind};
use super::output::Output;
use crate::base::Secret;
use crate::daemon::NodeSetup;
use crate::process::hide_in_arguments;
use crate::state::Home;
use crate::telemetry::forget_in_logs;
use clap::Args;

/// Stub.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// A key
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// The gateway
    #[arg(long, value_name = "URL", env = "WAYPOST_GATEWAY")]
    pub gateway: Option<String>,
    /// The name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

impl SetupArgs {
    pub fn key_or_none(&self, output: &Output) -> Result<Option<Secret>, CliError> {
        let Some(key) = &self.key else { return Ok(None) };
        if hide_in_arguments(key) {
            output.note("hint: a key among a command's arguments can be seen by others on this machine, and stays in the shell's history; --api-key-stdin and --api-key-file avoid both");
        }
        let key = Secret::new(key.as_str());
        forget_in_logs(&key);
        if key.is_empty() {
            return Err(CliError::new(ExitKind::Usage, "the key is empty"));
        }
        Ok(Some(key))
    }

    pub fn wanted(&self, key: Secret) -> Result<NodeSetup, CliError> {
        Ok(NodeSetup {
            key,
            gateway: self.gateway.clone(),
            name: self.name.clone(),
            labels: None,
            max_concurrent_jobs: None,
        })
    }

    pub fn change(&self, _: &Home) -> Result<(), CliError> {
        Ok(())
    }
}
