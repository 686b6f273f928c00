//! `waypost node add-client` and `remove-client`: who beside the owner may use the node.

use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::install::ScopeArgs;
use crate::cli::output::Output;
use crate::daemon::{change_clients, tell_gateway};
use crate::state::AllowedClient;
use clap::Args;
use serde_json::json;

/// Let callers use the node beside its owner
///
/// Callers are IP addresses, UUIDs and domains. The gateway is told at once: by the node when it runs, else by one heartbeat.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node add-client build.example.com 192.0.2.10")]
pub struct AddClient {
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// No longer let callers use the node
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  waypost node remove-client 192.0.2.10")]
pub struct RemoveClient {
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// What changes.
#[derive(Debug, Args)]
pub struct ChangeArgs {
    /// Addresses, UUIDs, domains
    #[arg(value_name = "CLIENT", required = true)]
    pub clients: Vec<String>,
    /// Do not tell the gateway now; the next heartbeat does
    #[arg(long)]
    pub no_sync: bool,
    #[command(flatten)]
    pub scope: ScopeArgs,
}

impl AddClient {
    /// Adds.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.change.run(true, global, output).await
    }
}

impl RemoveClient {
    /// Removes.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        self.change.run(false, global, output).await
    }
}

impl ChangeArgs {
    async fn run(self, add: bool, global: &Global, output: &Output) -> Result<u8, CliError> {
        let (_, home) = self.scope.home(global.home.clone())?;
        let clients = AllowedClient::parse_list(&self.clients.join(","))
            .map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
        let (list, changed) = change_clients(&home, &clients, add)?;
        let told = if self.no_sync { None } else { Some(tell_gateway(&home, changed).await) };
        let sync = match &told {
            None => json!({ "attempted": false }),
            Some(Ok(status)) => json!({ "attempted": true, "status": status, "model_count": 0 }),
            Some(Err(failed)) => json!({ "attempted": true, "error": failed.to_string() }),
        };
        let value = json!({
            "action": if add { "add-client" } else { "remove-client" }, "clients": clients, "client_allowlist": list,
            "state_path": home.config(), "sync": sync
        });
        output.result(&value, || {
            if list.is_empty() {
                return "nobody but the owner may use this node".to_owned();
            }
            let names: Vec<_> = list.iter().map(|client| client.value.as_str()).collect();
            format!("beside the owner may use this node: {}", names.join(", "))
        });
        match told {
            Some(Err(failed)) => {
                Err(CliError::from(failed).hint("the list is kept: the next heartbeat tells the gateway"))
            }
            _ => Ok(0),
        }
    }
}
