//! Every type that crosses a socket, as plain data, and the protocol's history.
//!
//! No behaviour but (de)serialisation and the one HTTP form of an operation, which both the node's own `/v1` and the
//! gateway's relayed `/v1` must share so that a client cannot tell them apart. Unknown fields in what a peer sends are
//! ignored; unknown fields in what a caller sends are refused where the text says so.

pub mod gateway;
pub mod node;
pub mod v1;

/// The version of the node protocol that this build speaks, sent as `runtime_protocol_version`. Both sides use the lower
/// of the two; a peer that sends none speaks 1.
///
/// | version | what it added |
/// | --- | --- |
/// | 1 | the wire protocol of existing mswarm nodes and gateways: one chat or media job per poll, no leases |
/// | 2 | several jobs per poll, any operation of `/v1`, leases with epochs, renewal, numbered events, receipts, cancel and drain in replies, instance fencing, bodies beside the job, in pieces that survive a cut |
pub const PROTOCOL: u32 = 2;

/// What every node call's path starts with.
pub const NODE_PREFIX: &str = "/v1/swarm/self-hosted/node";
