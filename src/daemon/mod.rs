//! Composition roots: builds a role from its configuration, supervises it, takes it down in order.

mod admission;
mod auth;
mod certificate;
mod clients;
mod direct;
mod drain;
mod embed;
mod engine;
mod enroll;
mod error;
mod gateway;
mod gateway_admin;
mod idle;
mod import;
mod leave;
mod memory;
mod mswarm;
mod network;
mod node;
mod notify;
mod serve;
mod setup;
mod signals;
mod spawn;
mod stop;
mod supervise;
mod up;

pub use crate::relay::{
    ByHandle, Enrolled, Enrolment, Joining, Pace, Registration, RelayMode, SetupChoices, SetupOutcome,
    network as kept_network, node_name,
};
pub use admission::{Decision, create_enrollment, decide_registration, registrations};
pub use auth::authentication;
pub use clients::{change_clients, tell_gateway};
pub use direct::DirectOptions;
pub use drain::{jobs_ended, set_drain};
pub use embed::{BuildConfig, Handle, build};
pub use engine::Grants;
pub use enroll::enroll;
pub use error::DaemonError;
pub use gateway::{GatewayOptions, GatewayRole, create_key, keys, revoke_key};
pub use gateway_admin::{GrantEdit, audit_log, edit_grants, grants};
pub use idle::IdleRule;
pub use import::{Imported, import_mswarm};
pub use leave::{Left, check_key, leave, own_node, reach};
pub use network::{keep_network, network, network_for};
pub use node::{NodeOptions, NodeRole, greet, once};
pub use serve::{DaemonOptions, DaemonRole};
pub use setup::{NodeSetup, running, setup, would_change};
pub use signals::on_signals;
pub use spawn::{Running, Spawn, answers, is_alive, leave_terminal, spawn};
pub use stop::{Ended, kill, stop};
pub use up::{FirstJob, Up, UpOptions};
