//! How ends become results: the bodies of `POST /jobs/:jobId/result`.
//!
//! A job without a lease came from a protocol 1 gateway and gets protocol 1's fields only.

use super::admit::Refusal;
use super::start::NOT_ACKNOWLEDGED;
use crate::client::CallError;
use crate::jobs::Outcome;
use crate::wire::gateway::JobState;
use crate::wire::node::{AnswerBody, Job, Lease, ResultError, ResultRequest, Timing};
use crate::wire::v1::{ErrorCode, Failure};
use serde_json::Map;
use std::time::Duration;

/// The end of a job that is not run at all.
pub(super) fn refused(node_id: &str, job: &Job, refusal: &Refusal) -> ResultRequest {
    let failure = Failure::new(refusal.failure, refusal.message.clone());
    let mut result = failed(node_id, job, JobState::Failed, refusal.code, failure);
    result.operation.clone_from(&refusal.operation);
    result.pre_start_failure = Some(true);
    result.timing = refusal.timed.then_some(Timing { local_latency_ms: 0 });
    result
}

/// The end of a job that was ended before it began: its caller changed their mind, or the gateway did not let it begin.
pub(super) fn cancelled_before_start(node_id: &str, job: &Job, why: &'static str) -> ResultRequest {
    let message = match why {
        NOT_ACKNOWLEDGED => "the gateway did not acknowledge the job's start",
        _ => "the job was cancelled before it began",
    };
    let failure = Failure::new(ErrorCode::Cancelled, message);
    ResultRequest { pre_start_failure: Some(true), ..failed(node_id, job, JobState::Cancelled, why, failure) }
}

/// The end of a job that could not begin.
pub(super) fn failed_before_start(node_id: &str, job: &Job, failure: Failure) -> ResultRequest {
    let code = failure.code.as_str();
    ResultRequest { pre_start_failure: Some(true), ..failed(node_id, job, JobState::Failed, code, failure) }
}

/// The end of a job that the node began and does not know the end of.
pub(super) fn lost(node_id: &str, job: &Job) -> ResultRequest {
    let failure = Failure::new(ErrorCode::Lost, "the node restarted while the job ran: nobody knows how far it got");
    failed(node_id, job, JobState::Lost, "node_restarted", failure)
}

/// The end of a job that ran.
pub(super) fn ended(
    node_id: &str,
    job: &Job,
    outcome: Outcome,
    body: Option<AnswerBody>,
    took: Duration,
) -> ResultRequest {
    let timing = Some(Timing { local_latency_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) });
    let answer = outcome.answer.map(|answer| answer.value);
    if outcome.state == JobState::Succeeded && outcome.failure.is_none() {
        let blank = blank(node_id, job, "success", outcome.state, &outcome.reason);
        return ResultRequest { answer, answer_body: body, timing, ..blank };
    }
    let failure = outcome.failure.clone().unwrap_or_else(|| {
        let code = match outcome.state {
            JobState::Cancelled => ErrorCode::Cancelled,
            JobState::TimedOut => ErrorCode::TimedOut,
            JobState::Lost => ErrorCode::Lost,
            JobState::Refused => ErrorCode::RefusedByPolicy,
            _ => ErrorCode::Internal,
        };
        Failure::new(code, format!("the job ended: {}", outcome.reason))
    });
    let mut result = failed(node_id, job, outcome.state, &outcome.reason, failure);
    if outcome.failure.is_none() {
        result.failure = None;
    }
    ResultRequest { answer, answer_body: body, timing, ..result }
}

/// The bytes that are sent, and sent again.
pub(super) fn bytes(result: &ResultRequest) -> Vec<u8> {
    // Numbers, strings and maps with text keys cannot fail to serialise.
    serde_json::to_vec(result).unwrap_or_default()
}

/// What is said in place of a result that the gateway does not take; none in protocol 1, which has no words for it.
pub(super) fn not_taken(bytes: &[u8], error: &CallError) -> Option<ResultRequest> {
    let result = serde_json::from_slice::<ResultRequest>(bytes).ok().filter(|result| result.lease.is_some())?;
    let code = if error.status() == Some(413) { ErrorCode::PayloadTooLarge } else { ErrorCode::Internal };
    let ended = result.state.map(|state| format!(" as {state}")).unwrap_or_default();
    let message = format!("the job ended{ended}, but the gateway does not take its result: {error}");
    Some(ResultRequest {
        status: "failed".to_owned(),
        state: Some(JobState::Failed),
        reason: Some("result_not_taken".to_owned()),
        error: Some(ResultError { code: code.as_str().to_owned(), message: message.clone() }),
        failure: Some(Failure::new(code, message)),
        answer: None,
        answer_body: None,
        rest: Map::new(),
        ..result
    })
}

/// The same result under another attempt.
pub(super) fn with_lease(bytes: &[u8], lease: Option<&Lease>) -> Vec<u8> {
    match serde_json::from_slice::<ResultRequest>(bytes) {
        Ok(result) => self::bytes(&ResultRequest { lease: lease.cloned(), ..result }),
        Err(_) => bytes.to_vec(),
    }
}

/// The attempt that a result is of; 0 without a lease.
pub(super) fn epoch(bytes: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct OnlyLease {
        lease: Option<Lease>,
    }
    let result = serde_json::from_slice::<OnlyLease>(bytes).ok();
    result.and_then(|result| result.lease).map_or(0, |lease| lease.epoch)
}

fn failed(node_id: &str, job: &Job, state: JobState, reason: &str, failure: Failure) -> ResultRequest {
    let blank = blank(node_id, job, "failed", state, reason);
    let code = if job.lease.is_some() { failure.code.as_str() } else { reason };
    let error = Some(ResultError { code: code.to_owned(), message: failure.message.clone() });
    ResultRequest { error, failure: job.lease.is_some().then_some(failure), ..blank }
}

fn blank(node_id: &str, job: &Job, status: &str, state: JobState, reason: &str) -> ResultRequest {
    let leased = job.lease.is_some();
    ResultRequest {
        node_id: node_id.to_owned(),
        job_id: job.job_id.clone(),
        request_id: job.request_id.clone(),
        operation: job.operation.clone(),
        status: status.to_owned(),
        pre_start_failure: None,
        error: None,
        timing: None,
        lease: job.lease.clone(),
        state: leased.then_some(state),
        reason: leased.then(|| reason.to_owned()),
        answer: None,
        answer_body: None,
        failure: None,
        rest: Map::new(),
    }
}
