//! Typed calls to a gateway: one request, one answer or one error that says whether to try again. No loops, no state but
//! the token in use.

mod door;
mod error;
mod http;
mod multipart;
mod node;
mod paths;
#[cfg(test)]
mod tests;

pub use door::{Door, DoorError, escape};
pub use error::{CallError, CallErrorKind};
pub use http::{HttpError, http_client};
pub use multipart::Multipart;
pub use node::NodeClient;
pub use paths::{GatewayUrl, GatewayUrlError};
