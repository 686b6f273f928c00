//! Typed calls to a gateway: one request, one answer or one error that says whether to try again. No loops, no state but
//! the token in use.

mod certificate;
mod door;
mod error;
mod http;
mod multipart;
mod network;
mod node;
mod paths;
mod pieces;
mod probe;
#[cfg(test)]
mod tests;

pub use certificate::Certificate;
pub use door::{Door, DoorError, escape};
pub use error::{CallError, CallErrorKind};
pub use http::http_client;
pub use multipart::Multipart;
pub use network::{Given, HttpError, Network, proxy_endpoint, shown_proxy};
pub use node::NodeClient;
pub use paths::{GatewayUrl, GatewayUrlError};
pub use pieces::{BodyPiece, PIECE};
pub use probe::{Answer, Presented, Probe, Trust};
