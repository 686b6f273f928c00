//! What the server is told when it starts, and why it may refuse to.

use super::mswarm::Mswarm;
use super::{Auth, Rates};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Settings of the `/v1` server.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    /// The address; without TLS a loopback one. Port 0 takes a free port.
    pub listen: SocketAddr,
    /// How TLS is spoken; none speaks plain HTTP.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
    /// How many requests are taken from whom; none takes all.
    pub rates: Option<Rates>,
    /// What callers must show.
    pub auth: Auth,
    /// Hosts that a request may be for, and pages of which may call. Compared exactly, without port; `*` allows all.
    pub allowed_hosts: Vec<String>,
    /// The longest standard input beside a script, bytes.
    pub max_stdin_bytes: usize,
    /// Bytes of long bodies that are held at once; further requests wait for room.
    pub max_held_bytes: usize,
    /// Archives that are loaded at once; further ones wait for their turn. Each holds what becomes its workspace, and a
    /// thread.
    pub max_uploads: usize,
    /// How long a connection may take from its start, or from its last answer, to the end of the next request's head.
    pub header_timeout: Duration,
    /// The longest silence while a request's body is coming.
    pub body_timeout: Duration,
    /// Connections at the same time. One more takes the place of one that waits for a request, or waits itself.
    pub max_connections: usize,
    /// The routes of mswarm's direct mode, beside `/v1`; none does not have them.
    pub mswarm: Option<Arc<Mswarm>>,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8765).into(),
            tls: None,
            handshake_timeout: Duration::from_secs(10),
            rates: None,
            auth: Auth::Open,
            allowed_hosts: ["127.0.0.1", "localhost", "::1"].map(str::to_owned).to_vec(),
            max_stdin_bytes: 64 << 20,
            max_held_bytes: 512 << 20,
            max_uploads: 16,
            header_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            max_connections: 1024,
            mswarm: None,
        }
    }
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Plain HTTP would show the token and everything else to the network.
    #[error("{listen} is not a loopback address: without TLS, /v1 is only served on 127.0.0.1 or [::1]")]
    NotLoopback {
        /// The refused address.
        listen: SocketAddr,
    },
    /// Whoever finds the address could do everything.
    #[error("{listen} is not a loopback address: it is only served to callers who show a credential")]
    Open {
        /// The refused address.
        listen: SocketAddr,
    },
    /// The system did not give the address, e.g. because another program has it.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}
