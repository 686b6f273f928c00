//! Certificates of an ACME authority (RFC 8555), such as Let's Encrypt.

mod account;
mod http;
mod order;
mod renew;
mod responder;
mod stored;

pub use renew::{Acme, AcmeLoop, Challenge};
