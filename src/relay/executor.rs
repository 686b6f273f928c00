//! The port to whatever runs operations.

use crate::jobs::{Outcome, RunContext, Upload};
use crate::wire::v1::OperationRequest;
use async_trait::async_trait;

/// Runs one operation to its end. Obeys the context's cancellation and time limit; the owner's policy is its business too.
#[async_trait]
pub trait Executor: Send + Sync {
    /// How the operation ended. Every failure is an outcome. An `upload` takes the place of the request's body.
    async fn run(&self, request: OperationRequest, upload: Option<Upload>, context: RunContext) -> Outcome;
}
