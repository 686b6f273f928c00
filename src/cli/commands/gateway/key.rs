//! `waypost gateway key …`.

use super::DataArgs;
use crate::base::unix_seconds;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::output::{Output, age, table};
use crate::cli::pairs::pairs;
use crate::daemon::{create_key, keys, revoke_key};
use crate::wire::gateway::{CreateKey, Grant, KeyView, Scope};
use clap::{Args, Subcommand};
use std::time::Duration;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

impl Key {
    /// Runs the verb.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        match self {
            Self::Create(command) => command.run(global, output).await,
            Self::List(command) => command.run(global, output).await,
            Self::Revoke(command) => command.run(global, output).await,
        }
    }
}

/// Make a key. It is shown this once; only its hash is kept
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost gateway key create --scope enroll --ttl 1h --uses 1\n  waypost gateway key create --scope call,admin --label laptop\n  waypost gateway key create --scope call --node box --node-label gpu=true,os=linux"
)]
pub struct Create {
    /// What it allows: enroll (join nodes), call (use them), admin (keys and nodes)
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true, value_parser = scope)]
    pub scope: Vec<Scope>,
    /// How long it works, e.g. 7d, 12h, 30m [default: for ever]
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    pub ttl: Option<Duration>,
    /// How often it may be used [default: as often as wanted]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub uses: Option<u32>,
    /// Only for this node, by id or name; may be given several times [default: every node]
    #[arg(long, value_name = "NODE")]
    pub node: Vec<String>,
    /// Only for nodes with these labels, all of them; may be given several times
    #[arg(long, value_name = "NAME=VALUE,…")]
    pub node_label: Vec<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    #[command(flatten)]
    pub data: DataArgs,
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(ttl) if ttl < Duration::from_secs(1) => Err("it must work for a second at least".to_owned()),
        Ok(ttl) => Ok(ttl),
        Err(_) => Err("it is not a length of time such as 7d, 12h, 30m".to_owned()),
    }
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word.trim()).ok_or_else(|| format!("'{word}' is not a scope: enroll, call, admin"))
}

impl Create {
    /// Each `--node` and each `--node-label` is a grant of its own.
    fn grants(&self) -> Result<Option<Vec<Grant>>, CliError> {
        let mut grants: Vec<Grant> =
            self.node.iter().map(|node| Grant { node: Some(node.clone()), ..Grant::default() }).collect();
        for labels in &self.node_label {
            let labels = pairs("--node-label", std::slice::from_ref(labels), true)?;
            grants.push(Grant { node: None, labels });
        }
        Ok(Some(grants).filter(|grants| !grants.is_empty()))
    }

    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let grants = self.grants()?;
        let new = CreateKey {
            grants,
            scopes: self.scope,
            label: self.label,
            ttl_s: self.ttl.map(|ttl| ttl.as_secs()),
            uses: self.uses,
        };
        let created = create_key(&self.data.dir(global)?, &new).await?;
        // The key alone on stdout, so that a script can take it.
        output.result(&created, || created.key.clone());
        if !output.is_json() {
            output.note(format!("{}: keep it now, it is not shown again", created.view.id));
        }
        Ok(0)
    }
}

/// List keys
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway key list")]
pub struct List {
    #[command(flatten)]
    pub data: DataArgs,
}

impl List {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let keys = keys(&self.data.dir(global)?).await?;
        output.result(&keys, || if keys.is_empty() { "no keys".to_owned() } else { text(&keys) });
        Ok(0)
    }
}

fn text(keys: &[KeyView]) -> String {
    let now = unix_seconds();
    let milliseconds = |seconds: f64| (seconds.max(0.0) * 1000.0) as u64;
    let rows = keys.iter().map(|key| {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        vec![
            key.id.clone(),
            scopes.join(","),
            key.status.clone(),
            age(milliseconds(now - key.created_at)),
            match key.expires_at {
                None => "never".to_owned(),
                Some(at) if at > now => format!("in {}", age(milliseconds(at - now))),
                Some(at) => format!("{} ago", age(milliseconds(now - at))),
            },
            key.uses_left.map_or("any".to_owned(), |uses| uses.to_string()),
            key.grants.as_ref().map_or("every".to_owned(), |grants| format!("{} granted", grants.len())),
            key.label.clone().unwrap_or_default(),
        ]
    });
    table(&["KEY", "SCOPES", "STATUS", "AGE", "EXPIRES", "USES", "NODES", "LABEL"], rows)
}

/// Revoke a key
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost gateway key revoke key_0199…")]
pub struct Revoke {
    /// The key's id (not the key)
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Revoke {
    async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        if !revoke_key(&self.data.dir(global)?, &self.id).await? {
            return Err(CliError::new(ExitKind::NotFound, format!("there is no key {}", self.id))
                .hint("`waypost gateway key list` shows their ids"));
        }
        output.result(&serde_json::json!({ "id": self.id, "revoked": true }), || format!("revoked {}", self.id));
        Ok(0)
    }
}
