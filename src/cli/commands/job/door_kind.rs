//! Whether a door is a gateway, which queues jobs, or a node, whose jobs are the scripts it ran.
//!
//! Where an answer shows it, nobody asks. A refusal does not, and it decides the exit code: a gateway's refusals have codes
//! of their own, a node's are 2, as existing clients have it.

use crate::cli::error::{CliError, ExitKind};
use crate::client::{Door, DoorError};
use serde_json::Value;

/// Whether a node answers at this door: a gateway has no `/v1/health`.
pub async fn is_node(door: &Door) -> bool {
    door.get::<Value>("/v1/health").await.is_ok()
}

/// What a failed call about a job is for the command line.
pub async fn failed(door: &Door, error: DoorError) -> CliError {
    let refused = matches!(&error, DoorError::Refused(_));
    let error = CliError::from(error);
    if refused && is_node(door).await { error.of_kind(ExitKind::Usage) } else { error }
}
