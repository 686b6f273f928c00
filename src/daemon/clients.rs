//! Who beside the owner may use the node: kept in `config.json`, told to the gateway by heartbeats.

use super::node::{NodeOptions, greet};
use super::{DaemonError, running};
use crate::base::unix_ms;
use crate::state::{AllowedClient, Home, InstanceLock, NodeConfig, NodeStatus};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

/// How long a running node may take to see the change and to tell its gateway.
const TOLD: Duration = Duration::from_secs(20);
/// Between two looks at its status.
const LOOK: Duration = Duration::from_millis(100);

/// Adds these callers, or takes them away; the list then, and whether it is another one. Those that are there already keep
/// the time they were added.
///
/// # Errors
/// [`DaemonError::NotSetUp`], or when the settings cannot be read or written.
pub fn change_clients(
    home: &Home,
    clients: &[AllowedClient],
    add: bool,
) -> Result<(Vec<AllowedClient>, bool), DaemonError> {
    let mut config = NodeConfig::load(home)?;
    if config.node_id.is_none() {
        return Err(DaemonError::NotSetUp);
    }
    let mut list = config.client_allowlist.take().unwrap_or_default();
    let before = list.clone();
    for client in clients {
        let same = |known: &AllowedClient| (&known.kind, &known.value) == (&client.kind, &client.value);
        match add {
            true if !list.iter().any(same) => {
                let added_at = Some(humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string());
                list.push(AllowedClient { added_at, ..client.clone() });
            }
            true => {}
            false => list.retain(|known| !same(known)),
        }
    }
    let changed = list != before;
    if changed {
        config.client_allowlist = Some(list.clone());
        config.store(home)?;
    }
    Ok((list, changed))
}

/// Has the gateway told of the settings as they are: by the node that runs, which sees by itself that they `changed`, else by
/// one heartbeat. The node in one word.
///
/// # Errors
/// When the gateway cannot be told.
pub async fn tell_gateway(home: &Home, changed: bool) -> Result<String, DaemonError> {
    let since = unix_ms();
    if running(home)?.is_none() {
        home.prepare()?;
        let lock = InstanceLock::acquire(home)?;
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        greet(NodeOptions::new(home.clone(), anywhere), lock).await?;
        return Ok("online".to_owned());
    }
    let begun = Instant::now();
    loop {
        let status = NodeStatus::of_running(home)?;
        // Where nothing changed there is nothing to tell, and no heartbeat comes before its time.
        let told = |status: &NodeStatus| !changed || status.last_heartbeat_ms.is_some_and(|at| at > since);
        if let Some(status) = status.filter(told) {
            return Ok(status.state);
        }
        if begun.elapsed() > TOLD {
            let text = "the running node has not told its gateway yet; it will with its next heartbeat".to_owned();
            return Err(DaemonError::Late(text));
        }
        tokio::time::sleep(LOOK).await;
    }
}
