//! The direct way to a node that has one: HTTPS to its own address, with a token for each request. Where that cannot be
//! used, the relay is.

mod doors;
mod forward;
mod headers;
mod offer;
mod reach;
mod token;

pub(crate) use doors::Doors;
pub(crate) use forward::through_door;
pub(crate) use reach::{Reach, asked, closed};
