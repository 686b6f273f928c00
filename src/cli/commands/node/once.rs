//! `waypost node once`.

use crate::base::Shutdown;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::daemon::{DaemonError, NodeOptions, on_signals, once};
use crate::state::{Home, InstanceLock};
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};

/// Send one heartbeat, take what jobs there are, finish them, and end
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node once --json")]
pub struct Once {}

impl Once {
    /// Takes one turn.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        if !home.config().exists() {
            return Err(DaemonError::NotSetUp.into());
        }
        home.prepare()?;
        let lock = InstanceLock::acquire(&home)?;
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        let options = NodeOptions::new(home, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let turn = once(options, lock, shutdown).await?;
        let summary = serde_json::json!({ "jobs": turn.jobs.len(), "results": turn.jobs, "delivered": turn.delivered,
                                          "pending": turn.pending, "protocol": turn.protocol });
        output.result(&summary, || match turn.jobs.len() {
            0 => "no jobs".to_owned(),
            1 => "1 job".to_owned(),
            jobs => format!("{jobs} jobs"),
        });
        Ok(0)
    }
}
