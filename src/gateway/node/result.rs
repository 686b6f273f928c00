//! `POST /jobs/{id}/result`: how a job ended. The receipt is sent only when the store has it.

use crate::base::unix_ms;
use crate::gateway::intake::Id;
use crate::gateway::models::keep_tail;
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::ok;
use crate::gateway::shared::Gateway;
use crate::gateway::store::{Finish, FinishedJob};
use crate::wire::gateway::JobState;
use crate::wire::node::{Disposition, Receipt, ResultError, ResultRequest, ResultResponse};
use crate::wire::v1::{ErrorCode, Failure};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::Value;
use std::sync::Arc;

pub(crate) async fn result(
    State(gateway): State<Arc<Gateway>>,
    Id(job_id): Id,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let (caller, request) = gateway
        .node_call(&headers, body, gateway.config.max_result_bytes, |request: &ResultRequest| &request.node_id)
        .await?;
    let tail = match request.rest.get("stream_events") {
        Some(Value::Array(tail)) if request.lease.is_none() => tail.clone(),
        _ => Vec::new(),
    };
    let finish = finish(job_id, request)?;
    body_is_here(&gateway, &caller.node.id, &finish).await?;
    let (job_id, epoch) = (finish.job_id.clone(), finish.epoch.unwrap_or_default());
    let state = finish.state;
    keep_tail(&gateway, &job_id, &caller.node.id, &tail, finish.answer.as_ref()).await?;
    let disposition = match gateway.store.finish(&caller.node.id, finish, unix_ms()).await? {
        FinishedJob::Recorded => Disposition::Recorded,
        FinishedJob::Duplicate => Disposition::Duplicate,
        FinishedJob::Superseded => Disposition::Superseded,
        FinishedJob::Unknown => Disposition::Unknown,
    };
    if disposition == Disposition::Recorded {
        gateway.presence.finished(&caller.node.id);
    }
    tracing::debug!(node_id = caller.node.id, job_id, epoch, %state, ?disposition, "result");
    ok(&ResultResponse { accepted: true, receipt: Some(Receipt { job_id, epoch, disposition }) })
}

fn finish(job_id: String, mut request: ResultRequest) -> Result<Finish, Refusal> {
    if request.job_id != job_id {
        let message = format!("the path is of job {job_id}, but the result is of '{}'", request.job_id);
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    let epoch = request.lease.as_ref().map(|lease| lease.epoch);
    if epoch.is_none() && request.state.is_none() {
        return Ok(protocol_1(job_id, request));
    }
    let state =
        request.state.unwrap_or(if request.status == "success" { JobState::Succeeded } else { JobState::Failed });
    if !state.is_terminal() {
        return Err(Refusal::new(ErrorCode::InvalidRequest, format!("'{state}' is not how a job ends")));
    }
    // A script that ran out of time has an answer and no failure; its `error` is for readers of protocol 1.
    let told = request.error.filter(|_| request.answer.is_none());
    let failure = request.failure.or_else(|| told.map(|error| failure(&error)));
    let answer = request.answer.or_else(|| request.rest.remove("openai_response")).filter(|answer| !answer.is_null());
    Ok(Finish { job_id, epoch, state, reason: request.reason, answer, answer_body: request.answer_body, failure })
}

fn protocol_1(job_id: String, mut request: ResultRequest) -> Finish {
    let failure = request.error.as_ref().map(failure);
    let state = match (request.status.as_str(), &failure) {
        ("success", _) => JobState::Succeeded,
        (_, Some(Failure { code: ErrorCode::TimedOut, .. })) => JobState::TimedOut,
        (_, Some(Failure { code: ErrorCode::RefusedByPolicy, .. })) => JobState::Refused,
        _ => JobState::Failed,
    };
    let reason = request.error.map_or_else(|| "done".to_owned(), |error| error.code);
    let answer = request.rest.remove("openai_response").filter(|answer: &Value| !answer.is_null());
    Finish { job_id, epoch: None, state, reason: Some(reason), answer, answer_body: None, failure }
}

/// The codes of protocol 1 in ours; the original stays in the job's reason.
fn failure(error: &ResultError) -> Failure {
    let code = match error.code.as_str() {
        "validation_failed" | "docdex_context_missing" | "docdex_operation_not_allowed" => ErrorCode::InvalidRequest,
        "unsupported_operation" => ErrorCode::UnsupportedOperation,
        "policy_denied" => ErrorCode::RefusedByPolicy,
        "timeout" => ErrorCode::TimedOut,
        "selected_agent_unavailable" | "selected_agent_unhealthy" | "selected_agent_auth_unavailable" => {
            ErrorCode::NodeUnreachable
        }
        _ => ErrorCode::Internal,
    };
    Failure::new(code, error.message.clone())
}

/// A result whose body was never uploaded would be a success made up. But one that will not count anyway is not held up.
async fn body_is_here(gateway: &Gateway, node_id: &str, finish: &Finish) -> Result<(), Refusal> {
    let Some(body) = &finish.answer_body else { return Ok(()) };
    if body.base64.is_some() || body.sha256.is_empty() {
        let record = gateway.store.job(&finish.job_id).await?;
        if record.is_none_or(|record| !record.job.durable) {
            // Its caller has it, or knows that it broke off.
            return Ok(());
        }
        let message = "nobody waits for this job: its answer's body has to be uploaded";
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    let stored = gateway.blobs.find(&body.sha256).await?;
    if stored.is_some_and(|stored| stored.size == body.size) {
        return Ok(());
    }
    let counts = gateway.store.job(&finish.job_id).await?.is_some_and(|record| {
        !record.state.is_terminal()
            && record.leased_to.as_deref() == Some(node_id)
            && finish.epoch.is_none_or(|epoch| epoch == record.epoch)
    });
    if !counts {
        return Ok(());
    }
    let message = format!("the answer's body ({} bytes, SHA-256 {}) is not here", body.size, body.sha256);
    Err(Refusal::new(ErrorCode::Conflict, message)
        .hint("upload it with PUT …/jobs/{id}/result-body?epoch=N, then send the same result again")
        .too_early())
}
