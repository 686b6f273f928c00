//! `waypost node run`.

use crate::base::Shutdown;
use crate::cli::args::{Global, address};
use crate::cli::direct_args::{DirectArgs, signing_secret};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::grants::GrantArgs;
use crate::cli::invocation_args::InvocationArgs;
use crate::cli::output::Output;
use crate::cli::setup_args::Mode;
use crate::daemon::{DirectOptions, NodeOptions, NodeRole, RelayMode, on_signals};
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
    /// How callers reach the node, in this run [default: as set up]
    #[arg(long, value_name = "MODE", value_enum)]
    pub mode: Option<Mode>,
    /// Where callers reach a node of mode direct, in this run
    #[arg(long, value_name = "URL")]
    pub direct_url: Option<String>,
    #[command(flatten)]
    pub direct: DirectArgs,
    #[command(flatten)]
    pub grants: GrantArgs,
    #[command(flatten)]
    pub invocations: InvocationArgs,
}

impl Run {
    /// Runs the node.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.with_door(false, global, output).await
    }

    fn direct(&self, serve: bool) -> DirectOptions {
        let mut config = self.direct.config();
        config.listen = config.listen.or_else(listen_of_environment);
        DirectOptions {
            serve,
            mode: self.mode.map(RelayMode::from),
            url: self.direct_url.clone(),
            config,
            signing_secret: signing_secret(),
        }
    }

    /// The same with the direct door open, if `serve`, whatever the mode is.
    pub(super) async fn with_door(self, serve: bool, global: &Global, output: &Output) -> Result<u8, CliError> {
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
        options.direct = self.direct(serve);
        options.grants = self.grants.grants();
        options.invocations = self.invocations.config();
        let role = NodeRole::open(options, lock).await?;
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        let (url, status) = (role.api_url(), role.status());
        let direct = role.direct();
        if output.is_json() {
            let ready = serde_json::json!({
                "ready": true, "api_url": url, "node_id": status.node_id, "name": status.name, "gateway": status.gateway,
                "direct": direct
            });
            output.line_json(&ready);
        } else {
            output.result(&(), || {
                let at = direct.map(|direct| match &direct.fingerprint {
                    Some(pin) => format!("\nreached directly at {}, certificate {pin}", direct.url),
                    None => format!("\nreached directly at {}", direct.url),
                });
                let at = at.unwrap_or_default();
                format!("node {} for {}, its own /v1 at {url}{at}", status.name, status.gateway)
            });
        }
        role.run(shutdown).await?;
        Ok(0)
    }
}

/// Where mswarm nodes are told to listen: an address and a port, each with its default.
fn listen_of_environment() -> Option<SocketAddr> {
    let said = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let (host, port) = (said("MSWARM_SELF_HOSTED_LISTEN_HOST"), said("MSWARM_SELF_HOSTED_LISTEN_PORT"));
    if host.is_none() && port.is_none() {
        return None;
    }
    let usual = crate::state::DirectConfig::LISTEN;
    let host = host.map_or(Some(usual.ip()), |host| match host.trim() {
        "localhost" => Some(usual.ip()),
        host => host.parse().ok(),
    })?;
    let port = port.map_or(Some(usual.port()), |port| port.trim().parse().ok())?;
    Some(SocketAddr::new(host, port))
}
