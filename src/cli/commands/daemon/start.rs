//! `waypost daemon start`: in the background, or here.

use crate::base::Shutdown;
use crate::cli::args::{Global, address, seconds};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::grants::GrantArgs;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::daemon::{DaemonOptions, DaemonRole, IdleRule, Running, authentication, leave_terminal, on_signals, spawn};
use crate::state::{Home, InstanceLock, Settings};
use crate::telemetry::{LogOptions, init};
use clap::Args;
use serde_json::json;
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Start the daemon: /v1 on this machine, joined to no gateway
///
/// In the background unless told otherwise; what it prints goes to logs/daemon.log in the home. What it does not get here, it
/// takes from the environment and from config.toml. When a daemon or a node runs from this home already, that is said, and it
/// is a success: `/v1` is there.
///
/// Workspaces live in memory and end with it, unless `--persist` or `persist_dir` keeps them. Without persistence it ends by
/// itself once the last workspace has been gone for the idle grace.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost daemon start\n  waypost daemon start --foreground --persist --allow-disk ~/data"
)]
pub struct Start {
    /// Stay in the foreground until interrupted
    #[arg(long)]
    pub foreground: bool,
    /// Where to serve /v1; a loopback address [default: 127.0.0.1 and the port of the settings, 8765]
    #[arg(long, value_name = "ADDR", env = "WAYPOST_LISTEN", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Keep workspaces and jobs in the home
    #[arg(long)]
    pub persist: bool,
    #[command(flatten)]
    pub grants: GrantArgs,
    /// Seconds without a workspace after which it ends [default: the settings', 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub idle_grace: Option<f64>,
    /// A private file with the token that callers must show, for auth_mode `token`
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Seconds after which it ends when there never was a workspace
    #[arg(long, hide = true, value_name = "SECONDS", value_parser = seconds)]
    pub first_grace: Option<f64>,
    /// Become independent of the terminal
    #[arg(long, hide = true, requires = "foreground")]
    pub detached: bool,
}

impl Start {
    /// Starts it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        if self.detached {
            leave_terminal()?;
        }
        let filter = match (self.foreground, global.log.as_str()) {
            (false, "info") => "error".to_owned(),
            _ => global.log.clone(),
        };
        init(&LogOptions { filter, dir: None, colour: output.colours_stderr() })
            .map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
        let (home, settings) = settings::load(global)?;
        if self.foreground {
            self.serve(home, &settings, output).await
        } else {
            self.spawn(&home, global, output).await
        }
    }

    async fn serve(self, home: Home, settings: &Settings, output: &Output) -> Result<u8, CliError> {
        home.prepare()?;
        let lock = InstanceLock::acquire(&home)?;
        let auth = authentication(&home, settings, self.token_file.as_deref())?;
        let options = DaemonOptions {
            home,
            listen: self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, settings.port()).into()),
            persist: self.persist,
            persist_dir: settings.path("persist_dir"),
            version_root: settings.path("version_root"),
            grants: self.grants.grants(),
            idle: Some(IdleRule { grace: self.grace(settings), first: self.first_grace.map(Duration::from_secs_f64) }),
            auth,
            allowed_hosts: settings.words("allowed_hosts"),
            arguments: self.arguments()?.into_iter().filter_map(|argument| argument.into_string().ok()).collect(),
        };
        let role = DaemonRole::open(options, lock).await?;
        let shutdown = Shutdown::new();
        on_signals(shutdown.clone());
        let url = role.url();
        if self.detached {
            // Nobody reads along, and its log is for people.
        } else if output.is_json() {
            output.line_json(&json!({ "ready": true, "pid": std::process::id(), "url": url }));
        } else {
            output.result(&(), || format!("Serving. PID {}. URL: {url}", std::process::id()));
        }
        role.run(shutdown).await;
        Ok(0)
    }

    fn grace(&self, settings: &Settings) -> Duration {
        let given = self.idle_grace.map(Duration::from_secs_f64);
        given.or_else(|| settings.duration("idle_grace_seconds")).unwrap_or(Duration::from_secs(30))
    }

    async fn spawn(self, home: &Home, global: &Global, output: &Output) -> Result<u8, CliError> {
        let running = Running::of(home)?;
        let (running, started) = match running {
            Some(running) => (running, false),
            None => {
                let spawned = spawn(home, background(home, global, self.arguments()?)).await?;
                (spawned.running, spawned.ours)
            }
        };
        let Running { pid, role, url, .. } = running;
        let answer = json!({ "started": started, "running": true, "pid": pid, "url": url, "role": role });
        output.result(&answer, || match (started, role.as_str()) {
            (true, _) => format!("Started. PID {pid}. URL: {url}"),
            (false, "node") => format!("The node of this home serves /v1 already. PID {pid}. URL: {url}"),
            (false, _) => format!("Running already. PID {pid}. URL: {url}"),
        });
        Ok(0)
    }

    /// What this command was given, so that another process means the same by it.
    fn arguments(&self) -> Result<Vec<OsString>, CliError> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(listen) = self.listen {
            arguments.extend(["--listen".into(), listen.to_string().into()]);
        }
        if self.persist {
            arguments.push("--persist".into());
        }
        // The daemon works in another directory.
        let nowhere = |failed| CliError::new(ExitKind::Usage, format!("a relative path cannot be used here: {failed}"));
        arguments.extend(self.grants.arguments().map_err(nowhere)?);
        if let Some(file) = &self.token_file {
            arguments.extend(["--token-file".into(), std::path::absolute(file).map_err(nowhere)?.into_os_string()]);
        }
        if let Some(seconds) = self.idle_grace {
            arguments.extend(["--idle-grace".into(), seconds.to_string().into()]);
        }
        if let Some(seconds) = self.first_grace {
            arguments.extend(["--first-grace".into(), seconds.to_string().into()]);
        }
        Ok(arguments)
    }
}

/// The arguments of a background daemon that is given `arguments`.
pub fn background(home: &Home, global: &Global, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["--home".into(), home.root().into(), "--log".into(), global.log.clone().into()];
    all.extend(["daemon", "start", "--foreground", "--detached"].map(OsString::from));
    all.extend(arguments);
    all
}
