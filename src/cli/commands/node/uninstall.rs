//! `waypost node uninstall`.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::{Installation, MANAGER, Removal, ScopeArgs, remove};
use crate::cli::output::Output;
use crate::cli::question::confirmed;
use crate::daemon::{DaemonError, leave};
use crate::service::ServiceError;
use clap::Args;

/// Take the service back, and leave the gateway
///
/// Lets running jobs finish, stops the service, undoes what the installation did, tells the gateway, and looks at what is
/// left. The node's state (workspaces, results, logs) stays unless --purge is given.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  waypost node uninstall\n  waypost node uninstall --purge --yes")]
pub struct Uninstall {
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Remove the node's state too: workspaces, results, logs, who it is
    #[arg(long)]
    pub purge: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

impl Uninstall {
    /// Uninstalls.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let at = Installation::locate(self.scope, global.home.clone())?;
        let receipt = at.receipt()?;
        if receipt.is_none() && !(self.purge && at.home.config().exists()) {
            return Err(ServiceError::NotInstalled.into());
        }
        let state = if self.purge { "removes its state, with all workspaces" } else { "keeps its state" };
        let question = || {
            format!(
                "this ends {} ({}), takes its installation back,\nand {state}: {}",
                at.manager.service(),
                at.manager.name(),
                at.home.root().display()
            )
        };
        if !self.yes && !confirmed(output, question)? {
            return Err(CliError::new(ExitKind::Interrupted, "nothing was changed"));
        }
        if !output.is_json() && receipt.is_some() {
            output.note("stopping the service; running jobs may finish");
        }
        if receipt.is_some() {
            at.manager.stop()?;
        }
        if let Some(pid) = crate::daemon::running(&at.home)? {
            return Err(CliError::new(ExitKind::Superseded, format!("the node still runs (process {pid})"))
                .hint("it was started by hand: end it with Ctrl-C where it runs, then uninstall"));
        }
        let told = leave(&at.home, Some(MANAGER)).await;
        let mut removed = remove(&at, Removal { receipt, purge: self.purge });
        match told {
            Ok(_) => removed.gateway_told = Some(true),
            Err(DaemonError::NotSetUp) => {}
            Err(failed) => {
                removed.gateway_told = Some(false);
                removed.gateway_error = Some(failed.to_string());
            }
        }
        output.result(&removed, || removed.text());
        Ok(if removed.left.is_empty() { 0 } else { ExitKind::Failure.code() })
    }
}
