//! `workspaces.glob`: paths by pattern.

use super::arguments::Call;
use super::done;
use crate::jobs::engine::Inner;
use crate::jobs::failure;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use crate::wire::v1::vfs::{GlobParams, Paths};
use serde_json::{Map, Value};

pub(super) async fn run(engine: &Inner, params: Map<String, Value>, stop: &Stop) -> Result<Outcome, Failure> {
    let mut call = Call::new(engine, "glob".to_owned(), params)?;
    if call.explain {
        return Err(call.invalid("'explain' is for file calls"));
    }
    let GlobParams { pattern } = call.arguments()?;
    let told = stop.clone();
    let found = call.files()?.glob(pattern, None, move || told.check().is_err()).await;
    stop.check()?;
    done(&Paths { paths: found.map_err(failure::workspace)? })
}
