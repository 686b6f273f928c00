//! `waypost gateway enrollment …`.

use super::DataArgs;
use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::daemon::create_enrollment;
use crate::wire::gateway::CreateEnrollment;
use clap::{Args, Subcommand};
use std::time::Duration;

/// What to do with enrolments.
#[derive(Debug, Subcommand)]
pub enum Enrollment {
    Create(Create),
}

impl Enrollment {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Create(command) => command.run(global, output).await,
        }
    }
}

/// Make a token with which one node may join once. It is shown this once; only its hash is kept
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  waypost gateway enrollment create --node attic\n  waypost gateway enrollment create --node attic --node-id shn_0199 --ttl 1d"
)]
pub struct Create {
    /// A node by id or name, or the name of one that is to be
    #[arg(long, value_name = "NODE")]
    pub node: String,
    /// The id of a new node, when its machine has one from another gateway [default: a new one]
    #[arg(long, value_name = "ID")]
    pub node_id: Option<String>,
    /// How long the token works, e.g. 12h, 30m
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = super::key::lifetime)]
    pub ttl: Duration,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Create {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let new = CreateEnrollment { node: self.node, node_id: self.node_id, ttl_s: Some(self.ttl.as_secs()) };
        let created = create_enrollment(&self.data.dir(global)?, &new).await?;
        // The token alone on stdout, so that a script can take it.
        output.result(&created, || created.enrollment_token.clone());
        if !output.is_json() {
            output.note(format!(
                "for node {} with the id {}: keep it now, it is not shown again",
                created.name, created.node_id
            ));
        }
        Ok(0)
    }
}
