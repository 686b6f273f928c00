//! What runs model jobs, as these routes need it.

use super::claims::OPERATIONS;
use crate::base::Secret;
use crate::wire::node::Job;
use async_trait::async_trait;
use serde_json::Value;
use std::fmt;
use tokio::sync::mpsc;

/// Runs model and media jobs.
#[async_trait]
pub trait Invocations: fmt::Debug + Send + Sync {
    /// Runs a job to its end. Dropping the future ends it: the caller has gone, or it took too long.
    ///
    /// # Errors
    /// With a code of the protocol, such as `selected_agent_unavailable`.
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvocationFailure>;
}

/// A job that came directly.
#[derive(Debug)]
pub struct Invocation {
    /// The job; `openai_request` and its siblings are in `rest`.
    pub job: Job,
    /// The key with which the job may speak to Docdex, when its caller gave one. Never shown, never kept.
    pub attached_key: Option<Secret>,
    /// Where chunks of a chat go as they are made, in OpenAI's form. Closed when nobody listens.
    pub chunks: mpsc::Sender<Value>,
}

/// A job that ended well.
#[derive(Debug, Clone, Default)]
pub struct Invoked {
    /// The answer in OpenAI's form.
    pub openai_response: Value,
    /// `{prompt_tokens, completion_tokens, total_tokens}`; none takes those of a chat's answer.
    pub usage: Option<Value>,
    /// What happened on the way.
    pub progress_events: Vec<Value>,
}

/// A job that ended badly.
#[derive(Debug, Clone)]
pub struct InvocationFailure {
    /// A code of the protocol.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// What happened on the way.
    pub progress_events: Vec<Value>,
}

impl InvocationFailure {
    /// A failure before anything happened.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), progress_events: Vec::new() }
    }
}

/// A node without agents: no job finds one.
#[derive(Debug)]
pub struct NoAgents;

#[async_trait]
impl Invocations for NoAgents {
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvocationFailure> {
        let operation = invocation.job.operation.as_deref().unwrap_or(OPERATIONS[0]);
        if OPERATIONS.contains(&operation) {
            return Err(InvocationFailure::new("selected_agent_unavailable", "this node offers no agents"));
        }
        let text = format!("there is no operation {operation}");
        Err(InvocationFailure::new("unsupported_operation", text))
    }
}
