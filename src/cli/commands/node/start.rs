//! `waypost node start`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::install::{Installation, ScopeArgs};
use crate::cli::output::Output;
use crate::cli::service::{installed, refuse_a_second, sentence};
use clap::Args;

/// Start the installed node
///
/// Waits until the service manager says that it runs, or that it failed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node start")]
pub struct Start {
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl Start {
    /// Does it and shows the state.
    pub fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let at = Installation::locate(self.scope, global.home.clone())?;
        let state = installed(&at)?;
        refuse_a_second(&at, &state)?;
        at.manager.available()?;
        at.manager.start()?;
        let state = at.manager.state()?;
        output.result(&state, || sentence(&state));
        Ok(0)
    }
}
