//! Which file carries out which operation.

use super::{branch, checkout, commit, diff, log};
use crate::jobs::engine::Inner;
use crate::jobs::outcome::{Outcome, RunContext};
use crate::wire::v1::Failure;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(in crate::jobs::operations) async fn run(
    engine: &Arc<Inner>,
    operation: &str,
    params: Map<String, Value>,
    context: &RunContext,
) -> Result<Outcome, Failure> {
    match operation {
        "versions.commit" => commit::run(engine, params).await,
        "versions.log" => log::run(engine, params, context).await,
        "versions.diff" => diff::run(engine, params, context).await,
        "versions.branch" => branch::run(engine, params).await,
        "versions.checkout" => checkout::run(engine, params).await,
        _ => Err(super::super::unknown(operation)),
    }
}
