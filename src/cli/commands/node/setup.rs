//! `waypost node setup`.

use crate::cli::args::Global;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::setup_args::SetupArgs;
use crate::daemon::{RelayMode, node_name, running, setup};
use crate::state::Home;
use clap::Args;

/// Join this machine to a gateway
///
/// Trades the key for a token of the node's own; the key is not kept. Doing it again changes only what is given. Where nothing
/// else says them, the key, the gateway and the name are taken from MSWARM_API_KEY, MSWARM_GATEWAY_BASE_URL and
/// MSWARM_SELF_HOSTED_SERVER_NAME.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  waypost node setup msw_… --gateway https://gateway.example --name attic --labels gpu=true,zone=home\n  \
    pass show gateway | waypost node setup --api-key-stdin --gateway https://gateway.example"
)]
pub struct Setup {
    #[command(flatten)]
    pub wanted: SetupArgs,
}

impl Setup {
    /// Joins.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let wanted = self.wanted.setup(&home, output)?;
        let name = wanted.choices.name.as_deref().map(node_name);
        let direct = wanted.choices.mode == Some(RelayMode::Direct);
        let joined = setup(&home, wanted).await?;
        let next = match running(&home)? {
            Some(pid) => format!("the node is running (process {pid}): restart it to have it work with these settings"),
            None => "run it with `waypost node run`".to_owned(),
        };
        output.result(&joined, || {
            let pin = joined.direct_fingerprint.as_ref();
            let pin = pin.map(|pin| format!("\nits certificate is {pin}")).unwrap_or_default();
            let how = if joined.created { "joined" } else { "joined again" };
            format!(
                "{how} {} as {} ({})\nstate in {}{pin}\n{next}",
                joined.gateway,
                joined.name,
                joined.node_id,
                home.root().display()
            )
        });
        if let Some(name) = name.filter(|name| *name != joined.name) {
            output.note(format!("the node's name is {}: another node of this gateway is called {name}", joined.name));
        }
        if direct && joined.relay_mode != RelayMode::Direct.as_str() {
            output.note(format!("the node's mode is {}: this gateway does not use that address", joined.relay_mode));
        }
        Ok(0)
    }
}
