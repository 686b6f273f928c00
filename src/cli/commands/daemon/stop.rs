//! `waypost daemon stop`, and the ending that `restart` needs too.

use super::url_of;
use crate::cli::args::{Global, seconds};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::settings;
use crate::daemon::{DaemonError, Ended, Running, stop};
use crate::state::{Home, Settings};
use clap::Args;
use serde_json::{Value, json};
use std::time::Duration;

/// Stop the daemon of this home
///
/// Asks it to end, then tells it to with a signal if it has not after the time-out. What runs in the background is cancelled
/// after 5 seconds. Ends with 3 when no daemon runs.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost daemon stop --timeout 30")]
pub struct Stop {
    /// Seconds to wait before a signal is sent
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: f64,
}

impl Stop {
    /// Stops it.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, settings) = settings::load(global)?;
        let (running, ended) = end(&home, &settings, self.timeout).await?;
        let (text, answer) = report(&running, ended);
        output.result(&answer, || text);
        Ok(0)
    }
}

/// Ends the daemon of this home; a node is not ours to end.
pub(super) async fn end(home: &Home, settings: &Settings, timeout: f64) -> Result<(Running, Ended), CliError> {
    let Some(running) = Running::of(home)? else {
        return Err(CliError::new(ExitKind::NotRunning, format!("no daemon runs at {}", url_of(settings)))
            .hint("start one with `waypost daemon start`"));
    };
    if running.role == "node" {
        let text = format!("a node runs from {} (process {}), not a daemon", home.root().display(), running.pid);
        return Err(CliError::new(ExitKind::Superseded, text)
            .hint("stop the node where it was started: its service, or Ctrl-C in its terminal"));
    }
    let ended = stop(home, &running, settings.secret("auth_token"), Duration::from_secs_f64(timeout)).await;
    let ended = ended.map_err(|failed| match failed {
        DaemonError::Failed(text) => {
            CliError::new(ExitKind::Timeout, text).hint("`waypost daemon kill` ends it at once")
        }
        other => other.into(),
    })?;
    Ok((running, ended))
}

fn report(running: &Running, ended: Ended) -> (String, Value) {
    match ended {
        Ended::Graceful => {
            ("Stopped (via graceful).".to_owned(), json!({ "stopped": true, "via": "graceful", "pid": running.pid }))
        }
        Ended::Signal => (
            format!("Stopped (via sigterm, PID {}).", running.pid),
            json!({ "stopped": true, "via": "sigterm", "pid": running.pid }),
        ),
    }
}
