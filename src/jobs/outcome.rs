//! How an operation ends, and what a caller gives along with it.

use crate::wire::gateway::JobState;
use crate::wire::v1::{ErrorCode, Failure};
use bytes::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Takes output while an operation runs. Called in the order of production, on any thread; must not block.
pub trait Progress: Send + Sync {
    /// Bytes of standard output.
    fn stdout(&self, chunk: &[u8]);
    /// Bytes of standard error.
    fn stderr(&self, chunk: &[u8]);
}

/// What a caller gives along with a request.
#[derive(Clone, Default)]
pub struct RunContext {
    /// Gets output as it comes.
    pub progress: Option<Arc<dyn Progress>>,
    /// Ends the operation early: `cancelled`.
    pub cancel: CancellationToken,
    /// Ends the operation: `timed_out`. An operation's own, shorter limit still holds.
    pub timeout: Option<Duration>,
    /// The caller may only do what stays inside workspaces; anything else fails as [`ErrorCode::Unauthorized`].
    pub inside_only: bool,
}

/// How an operation ended.
#[derive(Debug)]
pub struct Outcome {
    /// A terminal state.
    pub state: JobState,
    /// A code for why: `exited`, `done`, `cancel_requested`, `timeout`, `output_limit`, or the failure's code.
    pub reason: String,
    /// The operation's answer; also what there is of it when it was cancelled or timed out.
    pub answer: Option<Answer>,
    /// What failed. A door that has both shows the failure.
    pub failure: Option<Failure>,
}

/// An operation's answer.
#[derive(Debug)]
pub struct Answer {
    /// JSON.
    pub value: Value,
    /// Bytes beside it, e.g. a snapshot.
    pub body: Option<AnswerStream>,
}

/// Bytes of an answer as they are made. An error in the stream means that the answer is void.
#[derive(Debug)]
pub struct AnswerStream {
    /// The media type.
    pub content_type: &'static str,
    /// Its length, when it is known before.
    pub size: Option<u64>,
    /// The bytes in order.
    pub chunks: mpsc::Receiver<std::io::Result<Bytes>>,
}

impl Outcome {
    /// A success.
    pub fn done(value: Value) -> Self {
        Self {
            state: JobState::Succeeded,
            reason: "done".to_owned(),
            answer: Some(Answer { value, body: None }),
            failure: None,
        }
    }

    /// A failure; its code decides the state.
    pub fn failed(failure: Failure) -> Self {
        let state = match failure.code {
            ErrorCode::Cancelled => JobState::Cancelled,
            ErrorCode::TimedOut => JobState::TimedOut,
            ErrorCode::Lost => JobState::Lost,
            ErrorCode::RefusedByPolicy => JobState::Refused,
            _ => JobState::Failed,
        };
        Self { state, reason: failure.code.as_str().to_owned(), answer: None, failure: Some(failure) }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::failed(failure)
    }
}
