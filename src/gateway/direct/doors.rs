//! What a gateway knows about direct doors beside what it keeps: open clients, and which doors to leave alone for a while.

use super::reach::Reach;
use crate::base::{Pin, jittered};
use crate::gateway::recent::Recent;
use crate::gateway::refusal::Refusal;
use crate::gateway::shared::Gateway;
use crate::gateway::store::NodeDoor;
use reqwest::redirect::Policy;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a door may take to open: the relay is there meanwhile.
const CONNECT: Duration = Duration::from_secs(3);
/// After so much silence of a connection that carries an answer it is asked whether it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Shorter than nodes keep a connection that asks for nothing.
const IDLE: Duration = Duration::from_secs(20);

/// All doors.
pub(crate) struct Doors {
    /// As kept, at most a second old.
    kept: Recent<String, Option<Arc<NodeDoor>>>,
    ways: Mutex<HashMap<String, Way>>,
    /// What each node said last.
    told: Mutex<HashMap<String, Reach>>,
}

/// The way to one door.
struct Way {
    door: Arc<NodeDoor>,
    client: reqwest::Client,
    failures: u32,
    /// Why it is left alone, and until when.
    closed: Option<(String, Instant)>,
}

impl Default for Doors {
    fn default() -> Self {
        Self { kept: Recent::new(), ways: Mutex::default(), told: Mutex::default() }
    }
}

impl Doors {
    /// Whether a node said the same before.
    pub(super) fn was_told(&self, node_id: &str, reach: &Reach) -> bool {
        lock(&self.told).get(node_id) == Some(reach)
    }

    pub(super) fn told(&self, node_id: &str, reach: Reach) {
        lock(&self.told).insert(node_id.to_owned(), reach);
    }

    /// What is kept of it has changed.
    pub(super) fn forget(&self, node_id: &str) {
        self.kept.forget();
        lock(&self.ways).remove(node_id);
        lock(&self.told).remove(node_id);
    }

    /// Why a door is left alone, and until when.
    pub(super) fn problem(&self, node_id: &str) -> Option<(String, Instant)> {
        lock(&self.ways).get(node_id)?.closed.clone().filter(|(_, until)| *until > Instant::now())
    }

    /// It could be used.
    pub(super) fn worked(&self, node_id: &str) {
        if let Some(way) = lock(&self.ways).get_mut(node_id) {
            way.failures = 0;
            way.closed = None;
        }
    }

    /// It could not: it is left alone for a while, longer each time.
    pub(super) fn failed(&self, node_id: &str, why: &str, pause: Duration) {
        if let Some(way) = lock(&self.ways).get_mut(node_id) {
            let pause = pause.saturating_mul(1 << way.failures.min(4)).min(pause * 10);
            way.failures += 1;
            way.closed = Some((why.to_owned(), Instant::now() + jittered(pause)));
            tracing::warn!(node_id, why, ?pause, "a node's direct door cannot be used: the relay is");
        }
    }

    /// The client for a door that is not left alone at the moment.
    fn way(&self, node_id: &str, door: &Arc<NodeDoor>) -> Result<Option<reqwest::Client>, String> {
        let mut ways = lock(&self.ways);
        let known = ways.get(node_id).filter(|way| way.door == *door);
        if let Some(way) = known {
            let is_closed = way.closed.as_ref().is_some_and(|(_, until)| *until > Instant::now());
            return Ok((!is_closed).then(|| way.client.clone()));
        }
        let client = client(door)?;
        let way = Way { door: door.clone(), client: client.clone(), failures: 0, closed: None };
        ways.insert(node_id.to_owned(), way);
        Ok(Some(client))
    }
}

impl Gateway {
    /// The door of a node and a client for it; none when it has none, or it is left alone.
    pub(super) async fn open_door(&self, node_id: &str) -> Result<Option<(Arc<NodeDoor>, reqwest::Client)>, Refusal> {
        let door = match self.doors.kept.get(node_id) {
            Some(door) => door,
            None => {
                let door = self.store.door(node_id).await?.map(Arc::new);
                self.doors.kept.put(node_id.to_owned(), door.clone());
                door
            }
        };
        let Some(door) = door.filter(|door| door.url.is_some()) else { return Ok(None) };
        match self.doors.way(node_id, &door) {
            Ok(client) => Ok(client.map(|client| (door, client))),
            Err(why) => {
                tracing::error!(node_id, why, "no client for a node's direct door");
                Ok(None)
            }
        }
    }
}

/// A client that speaks to one node: by its fingerprint, else to whom an authority of this machine vouches for.
fn client(door: &NodeDoor) -> Result<reqwest::Client, String> {
    // An error means that a provider is there already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = door.url.as_deref().unwrap_or_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("waypost-gateway/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_keepalive_interval(KEEP_ALIVE)
        .tcp_keepalive_retries(2)
        .tcp_nodelay(true)
        .redirect(Policy::none());
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    if host == "localhost" || host.starts_with("127.") || host == "[::1]" {
        builder = builder.no_proxy();
    }
    if let Some(pin) = &door.fingerprint {
        let pin: Pin = pin.parse().map_err(|wrong| format!("{wrong}"))?;
        let tls = pin.client_config().map_err(|failed| failed.to_string())?;
        builder = builder.tls_backend_preconfigured(tls);
    } else if url.starts_with("http://") {
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|failed| failed.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
