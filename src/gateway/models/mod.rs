//! Agents and models of nodes: what nodes offer, who may use them, and a request to one from its first byte to its last.
//!
//! Shared by every surface that offers models. What a surface looks like (paths, error bodies) is not decided here.

mod agent;
mod ask;
mod caller;
mod catalog;
mod clients;
mod completion;
mod failed;
mod failures;
mod offer;
mod report;
mod request;
mod resolve;
mod signature;
mod slug;
mod stream;
mod tail;

pub(crate) use agent::CHAT;
pub(crate) use caller::ModelCaller;
pub(crate) use catalog::Catalog;
pub(crate) use failed::ModelFailure;
pub(crate) use offer::{Group, Offer, groups};
pub(crate) use request::{ALIASES, ModelRequest, aliases};
pub(crate) use slug::{canonical, of_node as public_slug};
pub(crate) use stream::stream;
pub(crate) use tail::keep_tail;
