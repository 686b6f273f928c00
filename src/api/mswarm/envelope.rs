//! The result of a model job, as relayed and direct callers both get it.

use super::claims::OPERATIONS;
use super::invocations::{InvocationFailure, Invoked};
use crate::wire::node::Job;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The operation that a job asks for.
pub(super) fn operation(job: &Job) -> &str {
    job.operation.as_deref().unwrap_or(OPERATIONS[0])
}

/// The result with all chunks that nobody was told of before.
pub(super) fn result(
    job: &Job,
    ended: Result<Invoked, InvocationFailure>,
    chunks: Vec<Value>,
    took: Duration,
) -> Map<String, Value> {
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| drop(result.insert(key.to_owned(), value));
    put("job_id", job.job_id.clone().into());
    put("request_id", job.request_id.clone().into());
    put("operation", operation(job).into());
    put("status", if ended.is_ok() { "success" } else { "failed" }.into());
    let progress = match ended {
        Ok(invoked) => {
            let chat = operation(job) == OPERATIONS[0];
            let usage = invoked.usage.or_else(|| chat.then(|| usage_of(&invoked.openai_response)));
            put("openai_response", invoked.openai_response);
            if let Some(usage) = usage {
                put("usage", usage);
            }
            invoked.progress_events
        }
        Err(failure) => {
            put("error", json!({ "code": failure.code, "message": failure.message }));
            failure.progress_events
        }
    };
    if !chunks.is_empty() {
        put("stream_events", chunks.into());
    }
    if !progress.is_empty() {
        put("progress_events", progress.into());
    }
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    put("timing", json!({ "local_latency_ms": took }));
    result
}

/// What a chat's answer says that it used; 0 where it does not say.
fn usage_of(response: &Value) -> Value {
    let number = |key| response.pointer(&format!("/usage/{key}")).and_then(Value::as_u64).unwrap_or(0);
    json!({
        "prompt_tokens": number("prompt_tokens"),
        "completion_tokens": number("completion_tokens"),
        "total_tokens": number("total_tokens"),
    })
}
