//! `waypost gateway …`.

mod audit;
mod enrollment;
mod grant;
mod key;
mod node;
mod registration;
mod serve;

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::state::Home;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with a gateway.
#[derive(Debug, Subcommand)]
pub enum Gateway {
    Serve(serve::Serve),
    /// Make, list and revoke keys; works on the data directory, so it needs no key itself
    #[command(subcommand, arg_required_else_help = true)]
    Key(key::Key),
    /// Limit keys to some nodes; works on the data directory, so it needs no key itself
    #[command(subcommand, arg_required_else_help = true)]
    Grant(grant::Grants),
    Audit(audit::Audit),
    /// See and manage the nodes of a gateway
    #[command(subcommand, arg_required_else_help = true)]
    Node(node::Node),
    Registrations(registration::Registrations),
    /// Let a node join that asked to; works on the data directory, so it needs no key
    #[command(after_help = "Example:\n  waypost gateway approve ABCD-1234")]
    Approve(registration::Decide),
    /// Turn away a node that asked to join
    #[command(after_help = "Example:\n  waypost gateway reject ABCD-1234")]
    Reject(registration::Decide),
    /// Make tokens with which one node may join once, for nodes that know only that way
    #[command(subcommand, arg_required_else_help = true)]
    Enrollment(enrollment::Enrollment),
}

impl Gateway {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Serve(command) => command.run(global, output).await,
            Self::Grant(command) => command.run(global, output).await,
            Self::Audit(command) => command.run(global, output).await,
            Self::Key(command) => command.run(global, output).await,
            Self::Node(command) => command.run(global, output).await,
            Self::Registrations(command) => command.run(global, output).await,
            Self::Approve(command) => command.run(global, output, true).await,
            Self::Reject(command) => command.run(global, output, false).await,
            Self::Enrollment(command) => command.run(global, output).await,
        }
    }
}

/// Where the gateway keeps itself.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// The gateway's data directory [default: gateway/ in the home directory of waypost]
    #[arg(long, value_name = "DIR", env = "WAYPOST_GATEWAY_DATA")]
    pub data: Option<PathBuf>,
}

impl DataArgs {
    /// The directory in force.
    pub fn dir(&self, global: &Global) -> Result<PathBuf, CliError> {
        match &self.data {
            Some(dir) => Ok(dir.clone()),
            None => Ok(Home::locate(global.home.clone())?.root().join("gateway")),
        }
    }
}
