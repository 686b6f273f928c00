//! `health`: that the node answers, and since when.

use super::done;
use crate::jobs::Outcome;
use crate::jobs::engine::Inner;
use crate::wire::v1::{Failure, Health};

pub(super) fn run(engine: &Inner) -> Result<Outcome, Failure> {
    let uptime_s = (engine.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    let workspaces = engine.workspaces.list().len();
    done(&Health { status: "ok".to_owned(), workspaces, uptime_s, uptime_s_camel: uptime_s })
}
