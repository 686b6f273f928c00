//! `waypost gateway grant …`: which nodes a key may use.

use super::DataArgs;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, table};
use crate::cli::pairs::pairs;
use crate::daemon::{GrantEdit, edit_grants, grants};
use crate::wire::gateway::{Grant, KeyGrants};
use clap::{Args, Subcommand};

/// What to do with grants.
#[derive(Debug, Subcommand)]
pub enum Grants {
    /// Let a key use a node, or the nodes with some labels. A key that could use every node can use only these from then on
    #[command(
        after_help = "Examples:\n  waypost gateway grant add key_0199… --node box\n  waypost gateway grant add key_0199… --node-label gpu=true,os=linux"
    )]
    Add(One),
    /// Take a grant back, named as it was given. A key without its last grant can use no node
    #[command(after_help = "Example:\n  waypost gateway grant remove key_0199… --node box")]
    Remove(One),
    List(List),
    /// Let a key use every node
    #[command(after_help = "Example:\n  waypost gateway grant lift key_0199…")]
    Lift(Of),
}

impl Grants {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (of, edit) = match self {
            Self::List(command) => return command.run(global, output).await,
            Self::Lift(of) => (of, GrantEdit::Lift),
            Self::Add(one) => {
                let grant = one.grant()?;
                (one.of, GrantEdit::Add(grant))
            }
            Self::Remove(one) => {
                let grant = one.grant()?;
                (one.of, GrantEdit::Remove(grant))
            }
        };
        let now = edit_grants(&of.data.dir(global)?, &of.key, edit).await?;
        output.result(&now, || text(&now));
        Ok(0)
    }
}

/// A key.
#[derive(Debug, Args)]
pub struct Of {
    /// The key's id (not the key)
    #[arg(value_name = "KEY")]
    pub key: String,
    #[command(flatten)]
    pub data: DataArgs,
}

/// A key and a grant.
#[derive(Debug, Args)]
pub struct One {
    #[command(flatten)]
    pub of: Of,
    /// A node, by id or name; with labels too: as long as it has them
    #[arg(long, value_name = "NODE", required_unless_present = "node_label")]
    pub node: Option<String>,
    /// Labels that a node must have, all of them
    #[arg(long, value_name = "NAME=VALUE,…", visible_alias = "label")]
    pub node_label: Vec<String>,
}

impl One {
    fn grant(&self) -> Result<Grant, CliError> {
        let labels = pairs("--node-label", &self.node_label, true)?;
        if self.node.is_none() && labels.is_empty() {
            return Err(CliError::new(ExitKind::Usage, "neither a node nor a label is named"));
        }
        Ok(Grant { node: self.node.clone(), labels })
    }
}

/// List what a key may use
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway grant list key_0199…")]
pub struct List {
    #[command(flatten)]
    pub of: Of,
}

impl List {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let grants = grants(&self.of.data.dir(global)?, &self.of.key).await?;
        output.result(&grants, || text(&grants));
        Ok(0)
    }
}

fn text(key: &KeyGrants) -> String {
    if !key.limited {
        return format!("{} may use every node", key.key);
    }
    if key.grants.is_empty() {
        return format!("{} may use no node", key.key);
    }
    let rows = key.grants.iter().map(|grant| {
        let labels: Vec<_> = grant.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
        vec![grant.node.clone().unwrap_or_else(|| "any".to_owned()), labels.join(",")]
    });
    table(&["NODE", "LABELS"], rows)
}
