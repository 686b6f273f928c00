//! Where the node keeps itself: directories, configuration, identity, credentials, the instance lock and its status.
//!
//! Everything is below one directory that only its owner can enter. Nothing here talks to a network.

mod allowed_client;
mod api_token;
mod config;
mod credentials;
mod direct;
mod error;
mod home;
mod invocations;
mod lock;
mod mswarm;
mod private_dir;
mod settings;
mod status;

pub use allowed_client::{AllowedClient, NotAClient};
pub use config::NodeConfig;
pub use credentials::Credentials;
pub use direct::{AcmeChallenge, CertificateKind, DirectConfig};
pub use error::StateError;
pub use home::Home;
pub use invocations::InvocationConfig;
pub use lock::{InstanceLock, LockFile};
pub use mswarm::{MswarmHome, MswarmNode};
pub use private_dir::private_dir;
pub use settings::{KEYS, Key, Origin, Setting, Settings, SettingsError, SettingsFile};
pub use status::{Condition, DirectStatus, LastJob, NodeStatus, OutboxStatus, StatusBoard};
