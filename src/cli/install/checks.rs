//! What can be found out before anything is changed.

use super::Installation;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::setup_args::no_key;
use crate::client::GatewayUrl;
use crate::daemon::{
    DaemonError, Joining, NodeSetup, SetupChoices, check_key, network_for, own_node, reach, running, would_change,
};
use crate::service::{Activity, Receipt, ServiceState};
use crate::state::{Home, NodeConfig};
use std::path::Path;

/// What the checks found.
#[derive(Debug)]
pub struct Ready {
    /// What an earlier installation did.
    pub receipt: Option<Receipt>,
    /// How the service is now; none when its manager cannot say.
    pub service: Option<ServiceState>,
    /// The gateway to join, or joined before.
    pub gateway: String,
    /// What to join with; none when the node has joined already and nothing of what was chosen differs.
    pub joining: Option<NodeSetup>,
}

impl Ready {
    /// Whether the service runs now.
    pub fn is_running(&self) -> bool {
        let up = |state: &ServiceState| matches!(state.activity, Activity::Active | Activity::Starting);
        self.service.as_ref().is_some_and(up)
    }
}

/// Looks at everything that an installation needs: the service manager, the state directory, other nodes, the gateway and
/// the key. Changes nothing, at the gateway neither.
///
/// # Errors
/// The first thing that is not as it must be.
pub async fn check(at: &Installation, choices: SetupChoices, joining: Option<Joining>) -> Result<Ready, CliError> {
    // First what the command line lacks.
    let config = NodeConfig::load(&at.home)?;
    let gateway = choices.gateway.as_ref().or(config.gateway_base_url.as_ref()).cloned();
    let gateway =
        gateway.ok_or_else(|| CliError::new(ExitKind::Usage, "which gateway? give its address with --gateway"))?;
    GatewayUrl::parse(&gateway).map_err(|wrong| CliError::new(ExitKind::Usage, wrong.to_string()))?;
    if joining.is_none() && config.node_id.is_none() {
        return Err(no_key());
    }
    at.manager.available()?;
    let receipt = at.receipt()?;
    writable(&at.home)?;
    let service = at.manager.state().ok();
    let mut ready = Ready { receipt, service, gateway, joining: None };
    alone(at, &ready)?;
    let network = network_for(&at.home, &choices.network)?;
    reach(&ready.gateway, &network).await.map_err(by_the_gateway)?;
    if let Some(why) = must_join(at, &choices, &config).await? {
        let joining = joining.ok_or_else(|| if config.node_id.is_some() { no_key().hint(why) } else { no_key() })?;
        if let Joining::Key(key) = &joining {
            check_key(&ready.gateway, key, &network).await.map_err(by_the_gateway)?;
        }
        ready.joining = Some(NodeSetup { joining, choices });
    }
    Ok(ready)
}

/// What the gateway failed with, with a way out in any case.
fn by_the_gateway(failed: DaemonError) -> CliError {
    let failed = CliError::from(failed);
    let is_told = !failed.hints().is_empty();
    if is_told { failed } else { failed.hint("nothing was changed: ask the gateway's operator, or try again later") }
}

/// Why the node has to join, or to join again; none when it need not.
async fn must_join(
    at: &Installation,
    choices: &SetupChoices,
    config: &NodeConfig,
) -> Result<Option<&'static str>, CliError> {
    if config.node_id.is_none() {
        return Ok(Some("it has not joined yet"));
    }
    if would_change(&at.home, choices.clone())? {
        return Ok(Some("the gateway has to be told what was chosen anew"));
    }
    match own_node(&at.home).await {
        Ok(_) => Ok(None),
        Err(DaemonError::TokenRefused(_) | DaemonError::NodeRemoved(_) | DaemonError::Unauthorized(_)) => {
            Ok(Some("the gateway does not accept the node's token any more"))
        }
        Err(DaemonError::NotSetUp | DaemonError::State(_)) => Ok(Some("the node's token cannot be used")),
        Err(failed) => Err(failed.into()),
    }
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
