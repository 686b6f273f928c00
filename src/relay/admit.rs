//! Which of the jobs that a poll brought can be run at all.

use crate::wire::node::Job;
use crate::wire::v1::{ErrorCode, Operation, OperationRequest};
use bytes::Bytes;

/// The job kinds of protocol 1. They need agents, which this version does not have.
const PROTOCOL_1_KINDS: [&str; 4] =
    ["chat.completions", "images.generations", "audio.generations", "videos.generations"];

/// Why a job is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The code as protocol 1 has it.
    pub(super) code: &'static str,
    /// The code as protocol 2 has it.
    pub(super) failure: ErrorCode,
    /// A sentence.
    pub(super) message: String,
    /// The operation that the result names.
    pub(super) operation: Option<String>,
    /// Whether the result says how long it took.
    pub(super) timed: bool,
}

/// Whether `job` can be run by the node `node_id`.
pub(super) fn admit(job: &Job, node_id: &str) -> Result<(), Refusal> {
    if job.node_id != node_id && !(job.node_id.is_empty() && job.lease.is_some()) {
        return Err(Refusal {
            code: "validation_failed",
            failure: ErrorCode::InvalidRequest,
            message: "the job is for another node".to_owned(),
            operation: None,
            timed: false,
        });
    }
    let operation = job.operation.as_deref().unwrap_or("chat.completions");
    let refuse = |code, failure, message| {
        Err(Refusal { code, failure, message, operation: Some(operation.to_owned()), timed: true })
    };
    if PROTOCOL_1_KINDS.contains(&operation) {
        let message = "this node offers no agents".to_owned();
        return refuse("selected_agent_unavailable", ErrorCode::UnsupportedOperation, message);
    }
    match Operation::named(operation) {
        Some(known) if known.remote => Ok(()),
        Some(_) => {
            let message = format!("{operation} is not for a gateway to ask for");
            refuse("unsupported_operation", ErrorCode::UnsupportedOperation, message)
        }
        None => {
            let message = format!("this version does not know the operation {operation}");
            refuse("unsupported_operation", ErrorCode::UnsupportedOperation, message)
        }
    }
}

/// Whether running the job a second time is harmless.
pub(super) fn repeatable(job: &Job) -> bool {
    job.operation.as_deref().and_then(Operation::named).is_some_and(|operation| operation.repeatable)
}

/// The request that an admitted job is.
pub(super) fn request(job: &Job, body: Bytes) -> OperationRequest {
    OperationRequest {
        operation: job.operation.clone().unwrap_or_default(),
        params: job.params.clone().unwrap_or_default(),
        body,
    }
}
