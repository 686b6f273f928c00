//! The way to the gateway, step by step: each says whether it works, the later ones whether they could be tried.

mod authorisation;
mod clock;
mod dns;
mod gateway;
mod proxy;
mod tcp;
mod tls;
mod way;

pub use way::checks;
