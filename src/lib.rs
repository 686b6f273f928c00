//! Waypost turns a machine that you own into a node that gateways can hand work to, and hosts the gateway.
//!
//! What the parts are and which may import which is in `docs/architecture.md`; a test holds the code to it.

pub mod api;
pub mod base;
pub mod cli;
pub mod client;
pub mod daemon;
pub mod gateway;
pub mod jobs;
pub mod process;
pub mod relay;
pub mod remote;
pub mod service;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod versions;
pub mod wire;
pub mod workspace;
