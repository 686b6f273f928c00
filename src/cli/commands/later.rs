//! Commands of the mswarm CLI whose engine is not in this version: they say so, and what there is instead.

use crate::cli::error::{CliError, ExitKind};
use clap::Args;

/// Tell the gateway which models there are: not in this version
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost models")]
pub struct Models {}

/// Tell the gateway which agents there are: not in this version
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost agents")]
pub struct Agents {}

impl Models {
    /// Says so.
    pub fn run(self) -> CliError {
        no_engine("models")
    }
}

impl Agents {
    /// Says so.
    pub fn run(self) -> CliError {
        no_engine("agents")
    }
}

fn no_engine(what: &str) -> CliError {
    CliError::new(
        ExitKind::Failure,
        format!("this version calls no {what} yet, so there are none to tell a gateway of"),
    )
    .hint("workspaces and jobs work: `waypost node run`, then `waypost job submit workspaces.list --node NODE`")
}
