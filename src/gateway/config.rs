//! What a gateway has to be told: where to listen, where to keep its files, and its limits.

use super::GatewayError;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The settings of one gateway process.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where bodies are kept, below `blobs/`.
    pub data_dir: PathBuf,
    /// How often nodes shall send heartbeats.
    pub heartbeat_interval: Duration,
    /// After this long without a sign of life a node counts as unreachable.
    pub heartbeat_timeout: Duration,
    /// How long a lease lasts without renewal. Renewed at a third of it, so that a link that is away for a minute costs no job.
    pub lease_ttl: Duration,
    /// How long a job may be handed out without a `/start` or a renewal before it is taken for a lost poll response.
    pub lease_grace: Duration,
    /// The same for protocol 1 nodes, which look for agents before they say `/start`.
    pub lease_grace_protocol_1: Duration,
    /// The longest hold of a poll, below the 30 s after which many proxies cut.
    pub max_hold: Duration,
    /// How long a relayed request waits for its node to take it.
    pub relay_queue_timeout: Duration,
    /// The largest JSON body, bytes.
    pub max_json_bytes: usize,
    /// The largest result of a job, bytes. Protocol 1 sends media in base64 in it.
    pub max_result_bytes: usize,
    /// The largest multipart body of an execution, bytes: its standard input is held in memory.
    pub max_multipart_bytes: usize,
    /// The largest body that is kept on disk, bytes.
    pub max_body_bytes: u64,
    /// Whether a proxy in front speaks TLS, so that plain HTTP off loopback is in order.
    pub behind_proxy: bool,
    /// How long a node's direct door is left alone after it could not be used; doubles up to ten times that.
    pub door_pause: Duration,
}

impl GatewayConfig {
    /// The defaults for everything but the address and the directory.
    pub fn new(listen: SocketAddr, data_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen,
            data_dir: data_dir.into(),
            heartbeat_interval: Duration::from_secs(30),
            heartbeat_timeout: Duration::from_secs(90),
            lease_ttl: Duration::from_secs(120),
            lease_grace: Duration::from_secs(10),
            lease_grace_protocol_1: Duration::from_secs(60),
            max_hold: Duration::from_secs(25),
            relay_queue_timeout: Duration::from_secs(30),
            max_json_bytes: crate::wire::v1::http::MAX_JSON_BYTES,
            max_result_bytes: 256 << 20,
            max_multipart_bytes: 64 << 20,
            max_body_bytes: 64 << 30,
            behind_proxy: false,
            door_pause: Duration::from_secs(5),
        }
    }

    /// Whether keys would cross a network in the clear.
    ///
    /// # Errors
    /// [`GatewayError::Unprotected`] off loopback without `behind_proxy`.
    pub fn check(&self) -> Result<(), GatewayError> {
        if self.listen.ip().is_loopback() || self.behind_proxy {
            return Ok(());
        }
        Err(GatewayError::Unprotected { listen: self.listen })
    }
}
