//! The gateway: nodes, keys, the queue with its leases, and the relayed `/v1`.
//!
//! Knows nodes only through `wire`.

mod auth;
mod blobs;
mod callers;
mod config;
mod direct;
mod error;
mod frame;
mod intake;
mod models;
mod node;
mod partial;
mod places;
mod presence;
mod promise;
mod reaper;
mod recent;
mod refusal;
mod routes;
mod selection;
mod server;
mod shared;
pub mod store;
mod streams;
#[cfg(test)]
mod tests;
mod wake;

pub use callers::audit::entry as audit_entry;
pub use callers::enrollments::create_enrollment;
pub use callers::keys::{create_key, resolve as resolve_grant, view as key_view};
pub use callers::registrations::{Decision, decide_registration, registrations};
pub use config::GatewayConfig;
pub use error::GatewayError;
pub use server::GatewayServer;
