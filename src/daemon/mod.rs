//! Composition roots: builds a role from its configuration, supervises it, takes it down in order.

mod auth;
mod embed;
mod engine;
mod error;
mod gateway;
mod idle;
mod memory;
mod network;
mod node;
mod serve;
mod setup;
mod signals;
mod spawn;
mod stop;
mod up;

pub use crate::relay::{network as kept_network, node_name};
pub use auth::authentication;
pub use embed::{BuildConfig, Handle, build};
pub use engine::Grants;
pub use error::DaemonError;
pub use gateway::{GatewayOptions, GatewayRole, create_key, keys, revoke_key};
pub use idle::IdleRule;
pub use network::network;
pub use node::{NodeOptions, NodeRole, once};
pub use serve::{DaemonOptions, DaemonRole};
pub use setup::{NodeSetup, running, setup};
pub use signals::on_signals;
pub use spawn::{Running, Spawn, answers, is_alive, leave_terminal, spawn};
pub use stop::{Ended, kill, stop};
pub use up::{FirstJob, Up, UpOptions};
