//! Why a role could not start or had to end.

use crate::base::DatabaseError;
use crate::state::StateError;
use std::path::PathBuf;

/// A role could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The node's own files.
    #[error(transparent)]
    State(#[from] StateError),
    /// The node has not joined a gateway.
    #[error("this node has not joined a gateway")]
    NotSetUp,
    /// A newer instance of the same node took over.
    #[error("a newer instance of this node took over at the gateway")]
    Superseded,
    /// The running node's token is not good any more.
    #[error("{0} does not accept this node's token any more")]
    TokenRefused(String),
    /// The gateway removed the running node.
    #[error("{0} removed this node")]
    NodeRemoved(String),
    /// Something did not happen in time.
    #[error("{0}")]
    Late(String),
    /// The gateway does not accept the credential.
    #[error("the gateway does not accept this credential: {0}")]
    Unauthorized(String),
    /// The gateway cannot be reached.
    #[error("{0}")]
    Gateway(String),
    /// What answers is not a gateway, or not at this path.
    #[error("{0}")]
    Foreign(String),
    /// A database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// What is kept on disk cannot be opened or used.
    #[error("{0}")]
    Storage(String),
    /// There is no gateway in the data directory.
    #[error("there is no gateway in {}", .0.display())]
    NoGateway(PathBuf),
    /// What was named is not there.
    #[error("{0}")]
    Missing(String),
    /// Another process serves this data directory.
    #[error("another process serves {} already{}: stop it, or choose another directory", dir.display(), pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Serving {
        /// The data directory.
        dir: PathBuf,
        /// The other process, when it said so.
        pid: Option<u32>,
    },
    /// An address cannot be listened at.
    #[error("cannot listen at {address}: {reason}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// A daemon that was started in the background did not come up.
    #[error("the daemon did not start; it said:\n{said}")]
    NotStarted {
        /// Its exit code, when it ended by itself.
        code: Option<i32>,
        /// The end of its log.
        said: String,
    },
    /// The command line lacks something or has something wrong.
    #[error("{0}")]
    Usage(String),
    /// A setting that cannot be used.
    #[error("{0}")]
    Config(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}
