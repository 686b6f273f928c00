//! What can be found out before anything is changed.

use super::Installation;
use crate::base::Secret;
use crate::cli::error::{CliError, ExitKind};
use crate::client::{Door, GatewayUrl};
use crate::daemon::running;
use crate::service::{Activity, Receipt, ServiceState};
use crate::state::{Home, NodeConfig};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How long the gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the checks found.
#[derive(Debug)]
pub struct Ready {
    /// What an earlier installation did.
    pub receipt: Option<Receipt>,
    /// How the service is now; none when its manager cannot say.
    pub service: Option<ServiceState>,
    /// The node's settings as an earlier setup left them.
    pub config: NodeConfig,
    /// The gateway to join, or joined before.
    pub gateway: String,
}

impl Ready {
    /// Whether the service runs now.
    pub fn is_running(&self) -> bool {
        let up = |state: &ServiceState| matches!(state.activity, Activity::Active | Activity::Starting);
        self.service.as_ref().is_some_and(up)
    }
}

/// Looks at everything that an installation needs: the service manager, the state directory, other nodes, the gateway and
/// the key. Changes nothing.
///
/// # Errors
/// The first thing that is not as it must be.
pub async fn check(at: &Installation, gateway: Option<&str>, key: Option<&Secret>) -> Result<Ready, CliError> {
    at.manager.available()?;
    let receipt = at.receipt()?;
    writable(&at.home)?;
    let service = at.manager.state().ok();
    let config = NodeConfig::load(&at.home)?;
    if key.is_none() && config.node_id.is_none() {
        return Err(CliError::new(
            ExitKind::Usage,
            "a key is needed to join: give it as an argument, with --api-key-stdin or with --api-key-file",
        )
        .hint("an operator makes one with `waypost gateway key create --scope enroll`"));
    }
    let gateway = gateway
        .or(config.gateway_base_url.as_deref())
        .ok_or_else(|| CliError::new(ExitKind::Usage, "which gateway? give its address with --gateway"))?;
    let gateway = gateway.to_owned();
    let ready = Ready { receipt, service, config, gateway };
    alone(at, &ready)?;
    reach(&ready.gateway).await?;
    Ok(ready)
}

/// Whether the state directory can be written, or made.
fn writable(home: &Home) -> Result<(), CliError> {
    let there = home.root().ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
    tempfile::tempfile_in(there).map(drop).map_err(|failed| {
        CliError::new(
            ExitKind::Config,
            format!("the state directory {} cannot be written: {failed}", home.root().display()),
        )
        .hint("free some space or mend the permissions; --home DIR names another directory")
    })
}

/// Refuses to install beside a node that somebody runs by hand.
fn alone(at: &Installation, ready: &Ready) -> Result<(), CliError> {
    let Some(pid) = running(&at.home)? else { return Ok(()) };
    let own = ready.service.as_ref().is_some_and(|service| service.pid == Some(pid));
    if own || ready.is_running() {
        return Ok(());
    }
    Err(CliError::new(ExitKind::Superseded, format!("this node runs already, by hand (process {pid})"))
        .hint("end it with Ctrl-C where it runs, then install"))
}

async fn reach(gateway: &str) -> Result<(), CliError> {
    GatewayUrl::parse(gateway).map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
    let door = Door::open(gateway, None).map_err(|failed| CliError::unreachable(gateway, failed))?;
    let hint = "check the address (http or https?), the network, and that the gateway runs";
    match tokio::time::timeout(PATIENCE, door.get::<Value>("/healthz")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(failed)) => Err(CliError::unreachable(gateway, failed).hint(hint)),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Err(CliError::unreachable(gateway, format!("no answer within {seconds} s")).hint(hint))
        }
    }
}
