//! `waypost enroll`, as the mswarm CLI has it.

use crate::base::Secret;
use crate::cli::args::Global;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::mswarm_env::said;
use crate::cli::network::NetworkArgs;
use crate::cli::output::Output;
use crate::daemon::{Enrolment, enroll, node_name};
use crate::state::{Home, NodeConfig};
use crate::telemetry::forget_in_logs;
use clap::Args;

/// Trade an enrolment token for the node's own token
///
/// For gateways that make nodes by hand: the operator gives the node's id and a token, which is read from the environment
/// variable MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN. A node that has its own token keeps it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN=mse_… waypost enroll --node-id shn_… --gateway https://gateway.example"
)]
pub struct Enroll {
    /// Who the operator made [default: who this node is, else MSWARM_SELF_HOSTED_NODE_ID]
    #[arg(long, value_name = "ID")]
    pub node_id: Option<String>,
    /// The gateway [default: the one joined before, else MSWARM_GATEWAY_BASE_URL]
    #[arg(long, value_name = "URL", env = "WAYPOST_GATEWAY")]
    pub gateway: Option<String>,
    #[command(flatten)]
    pub network: NetworkArgs,
}

impl Enroll {
    /// Trades.
    pub async fn run(self, global: &Global, output: &Output) -> Result<u8, CliError> {
        let home = Home::locate(global.home.clone())?;
        let known = NodeConfig::load(&home)?;
        let token = said("MSWARM_SELF_HOSTED_ENROLLMENT_TOKEN").map(Secret::new);
        token.iter().for_each(forget_in_logs);
        let or_environment =
            |given: Option<String>, name: &str, is_known: bool| given.or_else(|| said(name).filter(|_| !is_known));
        let name = said("MSWARM_SELF_HOSTED_SERVER_NAME")
            .unwrap_or_else(|| gethostname::gethostname().to_string_lossy().into_owned());
        let enrolled = enroll(
            &home,
            Enrolment {
                gateway: or_environment(self.gateway, "MSWARM_GATEWAY_BASE_URL", known.gateway_base_url.is_some()),
                node_id: or_environment(self.node_id, "MSWARM_SELF_HOSTED_NODE_ID", known.node_id.is_some()),
                token,
                name: node_name(&name),
                network: self.network.network(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
        )
        .await
        .map_err(|failed| match CliError::from(failed) {
            wrong if wrong.kind() == ExitKind::Usage => {
                wrong.hint("`waypost node setup KEY --gateway URL` joins without an enrolment token")
            }
            failed => failed,
        })?;
        output.result(&enrolled, || {
            let how = if enrolled.traded { "enrolled" } else { "enrolled before: it has a token of its own" };
            format!("{} at {}: {how}\nrun it with `waypost node run`", enrolled.node_id, enrolled.gateway)
        });
        Ok(0)
    }
}
