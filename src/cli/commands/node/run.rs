//! `waypost node run`.

use crate::base::Shutdown;
use crate::cli::args::{Global, address};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::grants::GrantArgs;
use crate::cli::invocation_args::InvocationArgs;
use crate::cli::output::Output;
use crate::daemon::{NodeOptions, NodeRole, on_signals};
use crate::state::{Home, InstanceLock};
use crate::telemetry::{LogOptions, init};
use clap::Args;
use std::net::SocketAddr;

/// Run the node until interrupted
///
/// The first interrupt lets what runs finish, the second ends it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node run --max-concurrent-jobs 2")]
pub struct Run {
    /// Where to serve /v1 on this machine
    #[arg(long, value_name = "ADDR", env = "WAYPOST_LISTEN", default_value = "127.0.0.1:8765", value_parser = address)]
    pub listen: SocketAddr,
    /// Serve at any free port when that one is taken; `node status` says which
    #[arg(long)]
    pub any_port: bool,
    /// How many jobs to take at a time [default: the one set before, else the number of cores]
    #[arg(long, value_name = "N", env = "WAYPOST_MAX_CONCURRENT_JOBS", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub max_concurrent_jobs: Option<u32>,
    #[command(flatten)]
    pub grants: GrantArgs,
    #[command(flatten)]
    pub invocations: InvocationArgs,
}

impl Run {
    /// Runs the node.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        if !home.config().exists() {
            return Err(crate::daemon::DaemonError::NotSetUp.into());
        }
        home.prepare()?;
        let log = LogOptions { filter: global.log.clone(), dir: Some(home.logs()), colour: output.colours_stderr() };
        init(&log).map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
        let lock = InstanceLock::acquire(&home)?;
        let mut options = NodeOptions::new(home, self.listen);
        options.or_any_port = self.any_port;
        options.max_concurrent_jobs = self.max_concurrent_jobs;
        options.grants = self.grants.grants();
        options.invocations = self.invocations.options();
        let role = NodeRole::open(options, lock).await?;
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        let (url, status) = (role.api_url(), role.status());
        if output.is_json() {
            let ready = serde_json::json!({
                "ready": true, "api_url": url, "node_id": status.node_id, "name": status.name, "gateway": status.gateway
            });
            output.line_json(&ready);
        } else {
            output.result(&(), || format!("node {} for {}, its own /v1 at {url}", status.name, status.gateway));
        }
        role.run(shutdown).await?;
        Ok(0)
    }
}
