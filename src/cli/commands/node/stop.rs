//! `waypost node stop`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::{Installation, ScopeArgs};
use crate::cli::output::Output;
use crate::cli::service::{foreground, installed, sentence};
use clap::Args;

/// Stop the installed node
///
/// What runs may finish first. It starts again at the next boot or login; to have it stay away: `waypost node uninstall`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node stop")]
pub struct Stop {
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl Stop {
    /// Does it and shows the state.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let at = Installation::locate(self.scope, global.home.clone())?;
        let state = installed(&at)?;
        if let Some(pid) = foreground(&at, &state)? {
            let text = format!("the service is stopped, and a node runs in the foreground, process {pid}");
            let hint = format!("end it where it was started, or with `kill {pid}`");
            return Err(CliError::new(ExitKind::Failure, text).hint(hint));
        }
        at.manager.available()?;
        at.manager.stop()?;
        let state = at.manager.state()?;
        output.result(&state, || sentence(&state));
        Ok(0)
    }
}
