//! `waypost node serve`: the node with its direct door, whatever its mode is.

use super::run::Run;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use clap::Args;

/// Run the node and serve /v1 at an address of its own too, whatever its mode is
///
/// As `waypost node run` of a node of mode direct: it works for its gateway as well. In mode outbound the gateway is not told
/// of the address.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node serve --direct-listen 0.0.0.0:8443 --self-signed")]
pub struct Serve {
    #[command(flatten)]
    pub run: Run,
}

impl Serve {
    /// Serves.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.run.with_door(true, global, output).await
    }
}
