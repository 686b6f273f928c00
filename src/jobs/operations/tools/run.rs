//! Which file carries out which tool.

use super::{edit, glob, grep, ls, read, shell, write};
use crate::jobs::engine::Inner;
use crate::jobs::operations::arguments::Call;
use crate::jobs::outcome::{Outcome, RunContext};
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(in crate::jobs::operations) async fn run(
    engine: &Arc<Inner>,
    operation: &str,
    params: Map<String, Value>,
    context: &RunContext,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let name = operation.strip_prefix("tools.").unwrap_or(operation);
    let call = Call::new(engine, format!("tools/{name}"), params)?;
    if call.explain {
        return Err(call.invalid("'explain' is for file calls"));
    }
    match name {
        "shell" => shell::run(engine, call, context, stop).await,
        "read" => read::run(call).await,
        "write" => write::run(call).await,
        "edit" => edit::run(call).await,
        "ls" => ls::run(call).await,
        "grep" => grep::run(call, stop).await,
        "glob" => glob::run(call, stop).await,
        _ => Err(super::super::unknown(operation)),
    }
}
