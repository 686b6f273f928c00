//! Why a request to a model has no answer: a status, a code, a sentence and what else is known. Surfaces render it.

use crate::gateway::refusal::Refusal;
use crate::gateway::store::{JobRecord, StoreError};
use crate::wire::gateway::JobState;
use crate::wire::v1::ErrorCode;
use serde_json::{Map, Value, json};

/// A request to a model failed.
#[derive(Debug, Clone)]
pub(crate) struct ModelFailure {
    /// The HTTP status.
    pub(crate) status: u16,
    /// A code of the mswarm protocol, or of ours where that has none.
    pub(crate) code: String,
    /// A sentence.
    pub(crate) message: String,
    /// What programs may want to know.
    pub(crate) details: Box<Map<String, Value>>,
}

impl ModelFailure {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), details: Box::default() }
    }

    pub(crate) fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// The request is wrong.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "validation_failed", message)
    }

    /// How a job ended that has no answer.
    pub(crate) fn of(record: &JobRecord) -> Self {
        let reason = record.reason.as_deref().unwrap_or_default();
        let message = match &record.failure {
            Some(failure) => failure.message.clone(),
            None => format!("the request ended as {}: {reason}", record.state),
        };
        let (status, code) = match (record.state, reason) {
            (JobState::TimedOut, "queue_timeout") => (503, "upstream_error"),
            (JobState::TimedOut, _) => (504, "timeout"),
            (JobState::Refused, _) => (403, "policy_denied"),
            (JobState::Cancelled, _) => (503, "cancelled"),
            (JobState::Lost, _) => (502, "upstream_error"),
            (_, "validation_failed") => (400, reason),
            (_, "unsupported_operation") => (400, reason),
            (_, "policy_denied") => (403, reason),
            (_, "timeout") => (504, reason),
            (_, code) if code.starts_with("selected_agent_") => (503, code),
            (_, code) if code.starts_with("docdex_") => (424, code),
            (_, "node_removed") => (503, "upstream_error"),
            _ => (502, "upstream_error"),
        };
        let failed = Self::new(status, code, message).detail("job_id", record.id.clone());
        let failed = if reason.is_empty() || reason == code { failed } else { failed.detail("reason", reason) };
        match &record.leased_to {
            Some(node) => failed.detail("node_id", node.clone()),
            None => failed,
        }
    }
}

impl From<Refusal> for ModelFailure {
    fn from(refusal: Refusal) -> Self {
        if let Some(cause) = &refusal.cause {
            tracing::error!(%cause, "a request to a model failed");
        }
        let failure = refusal.failure;
        let code = match failure.code {
            ErrorCode::InvalidRequest | ErrorCode::InvalidJson => "validation_failed",
            ErrorCode::NodeUnreachable => "upstream_error",
            other => other.as_str(),
        };
        let status = failure.code.status();
        let failed = Self::new(status, code, failure.message);
        match failure.hint {
            Some(hint) => failed.detail("hint", json!(hint)),
            None => failed,
        }
    }
}

impl From<StoreError> for ModelFailure {
    fn from(error: StoreError) -> Self {
        Refusal::from(error).into()
    }
}
