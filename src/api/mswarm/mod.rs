//! The routes by which callers of mswarm's direct mode reach a node: `/healthz` and `/v1/swarm/self-hosted/node/…`.
//!
//! They have their own tokens, each signed for one node and one piece of work, and their own form of errors. One route per
//! file. What runs a model job is behind the port [`Invocations`]; generic jobs are `jobs::generic`.

mod cancel;
mod capabilities;
mod claims;
mod control;
mod envelope;
mod generic;
mod generic_jobs;
mod healthz;
mod invocations;
mod jobs;
mod options;
mod refusal;
mod replay;
mod request;
mod service;
mod sse;
mod stream;
#[cfg(test)]
mod tests;
mod tokens;

pub use invocations::{Invocation, InvocationFailure, Invocations, Invoked, NoAgents};
pub use options::MswarmOptions;
pub use service::Mswarm;
