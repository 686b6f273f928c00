//! Calls of nodes, one per file. Always 200 with JSON when they succeed, and never 404: a protocol 1 node that sees one
//! stops asking for work for good.

mod answer;
mod body;
mod bootstrap;
mod call;
mod claim;
mod enroll;
mod events;
mod handout;
mod heartbeat;
mod models;
mod own;
mod poll;
mod register;
mod release;
mod renew;
mod result;
mod result_body;
mod start;
mod uninstall;

pub(crate) use answer::answer;
pub(crate) use body::body;
pub(crate) use bootstrap::{bootstrap, check_key, node_name};
pub(crate) use claim::claim;
pub(crate) use enroll::enroll;
pub(crate) use events::events;
pub(crate) use heartbeat::heartbeat;
pub(crate) use models::models;
pub(crate) use own::own;
pub(crate) use poll::poll;
pub(crate) use register::register;
pub(crate) use release::release;
pub(crate) use renew::renew;
pub(crate) use result::result;
pub(crate) use result_body::result_body;
pub(crate) use start::start;
pub(crate) use uninstall::uninstall;

use super::refusal::Refusal;
use crate::wire::v1::ErrorCode;

fn stale(job_id: &str) -> Refusal {
    Refusal::new(ErrorCode::LeaseStale, format!("job {job_id} is not this node's to run (any more)"))
        .hint("stop it; a result may still be sent and is kept as a late one")
}
