//! Nodes, for callers and operators.

mod drain;
mod edit;
mod get;
mod list;
mod remove;
mod restore;
mod rotate;
mod view;

pub(crate) use drain::{drain, resume};
pub(crate) use edit::edit;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use remove::remove;
pub(crate) use restore::restore;
pub(crate) use rotate::rotate;
pub(crate) use view::{POLL_GAP, Standing};

use crate::gateway::refusal::Refusal;
use crate::wire::v1::ErrorCode;

pub(crate) fn unknown(id: &str) -> Refusal {
    Refusal::new(ErrorCode::NodeNotFound, format!("there is no node '{id}'")).hint("GET /v1/nodes lists them")
}
