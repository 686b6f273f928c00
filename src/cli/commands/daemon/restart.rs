//! `waypost daemon restart`.

use super::{background, stop};
use crate::cli::args::{Global, seconds};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::daemon::spawn;
use clap::Args;
use serde_json::json;

/// Stop the daemon, so that the next command starts a fresh one
///
/// With `--eager` it is started again at once, with the options that it had.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost daemon restart --eager")]
pub struct Restart {
    /// Seconds to wait before a signal is sent
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: f64,
    /// Start it again at once
    #[arg(long)]
    pub eager: bool,
}

impl Restart {
    /// Stops it, and starts it again where that is wanted.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (home, settings) = settings::load(global)?;
        let (old, _) = stop::end(&home, &settings, self.timeout).await?;
        if !self.eager {
            let note = "next CLI command will auto-spawn";
            let answer = json!({ "restarted": true, "spawned_fresh": false, "note": note });
            output.result(&answer, || format!("Restarted; {note}."));
            return Ok(0);
        }
        let arguments = old.arguments.into_iter().map(Into::into).collect();
        let fresh = spawn(&home, background(&home, global, arguments)).await?.running;
        let answer = json!({ "restarted": true, "spawned_fresh": true, "pid": fresh.pid, "url": fresh.url });
        output.result(&answer, || "Restarted (eager spawn).".to_owned());
        Ok(0)
    }
}
