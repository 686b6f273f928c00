//! `waypost node setup`.

use crate::base::Secret;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::network::NetworkArgs;
use crate::cli::output::Output;
use crate::cli::pairs::pairs;
use crate::daemon::{NodeSetup, node_name, running, setup};
use crate::state::Home;
use crate::telemetry::forget_in_logs;
use clap::Args;
use std::io::Read;

/// Join this machine to a gateway
///
/// Trades the key for a token of the node's own; the key is not kept. Doing it again changes only what is given.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost node setup msw_… --gateway https://gateway.example --name attic --labels gpu=true,zone=home\n  \
    pass show gateway | waypost node setup --api-key-stdin --gateway https://gateway.example"
)]
pub struct Setup {
    /// A key of scope enroll; --api-key-stdin keeps it out of the shell's history
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// Read the key from standard input
    #[arg(long, conflicts_with = "key")]
    pub api_key_stdin: bool,
    /// The gateway [default: the one joined before]
    #[arg(long, value_name = "URL", env = "WAYPOST_GATEWAY")]
    pub gateway: Option<String>,
    /// The node's name [default: the one it has, else the host's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Labels by which jobs may choose the node; replaces those it has
    #[arg(long, value_name = "NAME=VALUE,…")]
    pub labels: Vec<String>,
    /// How many jobs it takes at a time [default: the one set before, else the number of cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub max_concurrent_jobs: Option<u32>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

impl Setup {
    /// Joins.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let labels = pairs("--labels", &self.labels, true)?;
        let key = self.key()?;
        forget_in_logs(&key);
        let home = Home::locate(global.home.clone())?;
        let name = self.name.as_deref().map(node_name);
        let wanted = NodeSetup {
            key,
            gateway: self.gateway,
            name: self.name,
            labels: (!self.labels.is_empty()).then_some(labels),
            max_concurrent_jobs: self.max_concurrent_jobs,
            network: self.network.network(),
        };
        let joined = setup(&home, wanted).await?;
        let next = match running(&home)? {
            Some(pid) => format!("the node is running (process {pid}): restart it to have it work with these settings"),
            None => "run it with `waypost node run`".to_owned(),
        };
        output.result(&joined, || {
            let how = if joined.created { "joined" } else { "joined again" };
            format!(
                "{how} {} as {} ({})\nstate in {}\n{next}",
                joined.gateway,
                joined.name,
                joined.node_id,
                home.root().display()
            )
        });
        if let Some(name) = name.filter(|name| *name != joined.name) {
            output.note(format!("the node's name is {}: another node of this gateway is called {name}", joined.name));
        }
        Ok(0)
    }

    fn key(&self) -> Result<Secret, CliError> {
        let usage = |text: &str| {
            CliError::new(ExitKind::Usage, text)
                .hint("an operator makes one with `waypost gateway key create --scope enroll`")
        };
        let key = match &self.key {
            Some(key) => Secret::new(key.as_str()),
            None if self.api_key_stdin => {
                let mut text = String::new();
                std::io::stdin()
                    .lock()
                    .take(4096)
                    .read_to_string(&mut text)
                    .map_err(|failed| usage(&format!("the key cannot be read from standard input: {failed}")))?;
                Secret::new(text)
            }
            None => return Err(usage("a key is needed to join: give it as an argument, or with --api-key-stdin")),
        };
        if key.is_empty() {
            return Err(usage("the key is empty"));
        }
        if !key.is_one_word() {
            return Err(usage("the key has spaces, line breaks or other characters in it that no key has"));
        }
        Ok(key)
    }
}
