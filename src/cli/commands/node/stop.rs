//! `waypost node stop`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::Output;
use crate::cli::service::{ScopeArgs, foreground, installed, sentence, with_manager};
use crate::state::Home;
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
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let scope = self.scope.scope(&home)?;
        let state = installed(scope, &home).await?;
        if let Some(pid) = foreground(&state, scope, &home)? {
            let text = format!("the service is stopped, and a node runs in the foreground, process {pid}");
            let hint = format!("end it where it was started, or with `kill {pid}`");
            return Err(CliError::new(ExitKind::Failure, text).hint(hint));
        }
        let state = with_manager(scope, |manager| {
            manager.available()?;
            manager.stop()?;
            manager.state()
        })
        .await?;
        output.result(&state, || sentence(&state));
        Ok(0)
    }
}
