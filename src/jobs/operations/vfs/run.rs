//! Which file carries out which operation.

use crate::jobs::engine::Inner;
use crate::jobs::outcome::Outcome;
use crate::jobs::stop::Stop;
use crate::wire::v1::Failure;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(in crate::jobs::operations) async fn run(
    _engine: &Arc<Inner>,
    operation: &str,
    _params: Map<String, Value>,
    _stop: &Stop,
) -> Result<Outcome, Failure> {
    Err(super::super::unknown(operation))
}
