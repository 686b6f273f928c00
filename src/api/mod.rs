//! The node's own `/v1` over HTTP: who may call, how much they may send, and how an outcome becomes a response.
//!
//! Knows no operation by heart. `wire::v1::http` says what a request asks for, `jobs` does it.

mod auth;
mod body;
mod config;
mod connection;
mod docs;
mod guard;
mod handler;
mod invocation;
mod jwt;
pub mod mswarm;
mod rates;
mod refused;
mod response;
mod router;
mod server;
mod slots;
mod spool;

pub use auth::Auth;
pub use config::{ApiConfig, BindError};
pub use invocation::Invocations;
pub use jwt::{JwtError, JwtOptions, JwtRule};
pub use rates::{Rate, Rates};
pub use router::router;
pub use server::ApiServer;

// The library face has its place here; what it is composed of is known to `daemon`.
pub use crate::daemon::{BuildConfig, Handle, build};
