//! Composition roots: builds a role from its configuration, supervises it, takes it down in order.

mod error;
mod gateway;
mod node;
mod setup;
mod signals;
mod up;

pub use crate::relay::node_name;
pub use error::DaemonError;
pub use gateway::{GatewayOptions, GatewayRole, create_key, keys, revoke_key};
pub use node::{NodeOptions, NodeRole, once};
pub use setup::{NodeSetup, running, setup};
pub use signals::on_signals;
pub use up::{FirstJob, Up, UpOptions};
