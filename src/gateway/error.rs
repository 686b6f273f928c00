//! Why a gateway could not start or go on.

use super::store::StoreError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A gateway could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// Plain HTTP would leave the machine.
    #[error(
        "refusing to listen on {listen}: plain HTTP would send keys over the network in the clear; listen on 127.0.0.1, \
         or put a proxy that speaks TLS in front and say so with --behind-proxy"
    )]
    Unprotected {
        /// The address.
        listen: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The directory cannot be used.
    #[error("cannot use the gateway's directory {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Another gateway of this process has the store.
    #[error("the store already serves another gateway in this process")]
    StoreTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
