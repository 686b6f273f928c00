//! `waypost node start`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::service::{ScopeArgs, installed, refuse_a_second, sentence, with_manager};
use crate::state::Home;
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
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let scope = self.scope.scope(&home)?;
        let state = installed(scope, &home).await?;
        refuse_a_second(&state, scope, &home)?;
        let state = with_manager(scope, |manager| {
            manager.available()?;
            manager.start()?;
            manager.state()
        })
        .await?;
        output.result(&state, || sentence(&state));
        Ok(0)
    }
}
