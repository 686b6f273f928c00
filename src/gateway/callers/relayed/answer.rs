//! The response to a relayed request: an answer while it is made, or a job that has ended.

use super::pending::Pending;
use super::place::Place;
use super::request::Upload;
use crate::gateway::callers::jobs::{body_response, kept};
use crate::gateway::refusal::{Answer, Refusal};
use crate::gateway::routes::reply;
use crate::gateway::shared::Gateway;
use crate::gateway::store::JobRecord;
use crate::gateway::streams::{Opened, Reader};
use crate::wire::gateway::JobState;
use crate::wire::node::AnswerHead;
use crate::wire::v1::http::{JOB_ID_HEADER, success};
use crate::wire::v1::{ErrorCode, Failure, Operation};
use axum::body::Body;
use axum::http::HeaderValue;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Waits for what comes first: the answer's first piece, the job's end, or something wrong with the request's body.
pub(super) async fn answer(
    gateway: Arc<Gateway>,
    place: Place,
    pending: Pending,
    streams: Opened,
    reader: Reader,
    mut upload: Option<Upload>,
) -> Answer {
    let queue_deadline = Instant::now() + gateway.config.relay_queue_timeout;
    let name = pending.record.job.params.get("id").and_then(Value::as_str).unwrap_or("snapshot").to_owned();
    let mut ended = Box::pin(pending.ended(queue_deadline));
    let Reader { mut head, chunks } = reader;
    let record = tokio::select! {
        biased;
        // Closed without a head only when the streams end, which is after this.
        Ok(head) = &mut head => {
            tokio::spawn(see_to_the_end(ended, streams, upload));
            place.learn(&gateway, &head.answer);
            return Ok(streamed(place.operation, head, &name, chunks));
        }
        record = &mut ended => record,
        refusal = Upload::failed(&mut upload) => return Err(refusal),
    };
    if let Some(upload) = upload {
        upload.give_up().await;
    }
    let record = record?;
    if let (JobState::Succeeded, Some(answer)) = (record.state, &record.answer) {
        place.learn(&gateway, answer);
    }
    respond(&gateway, place.operation, record).await
}

/// Watches a streamed answer until its job has ended or its caller went away.
async fn see_to_the_end(
    ended: impl Future<Output = Result<JobRecord, Refusal>>,
    streams: Opened,
    _upload: Option<Upload>,
) {
    let answer = &streams.stream.answer;
    let record = tokio::select! {
        record = ended => record,
        // Dropping the wait cancels the job.
        () = answer.closed() => return,
    };
    let whole = match &record {
        Ok(record) if record.state == JobState::Succeeded => {
            let size = record.answer_body.as_ref().map_or(0, |body| body.size);
            answer.complete(size).await
        }
        _ => false,
    };
    if !whole {
        let why = record.map_or_else(|refusal| refusal.failure.message, |record| record.reason.unwrap_or_default());
        tracing::info!(job_id = streams.job_id, why, "a streamed answer broke off");
        answer.end(false);
    }
}

/// The response to an answer that is still made.
fn streamed(
    operation: &Operation,
    head: AnswerHead,
    name: &str,
    chunks: mpsc::Receiver<Option<io::Result<Bytes>>>,
) -> Response {
    let chunks = stream::unfold(Some(chunks), async |chunks| {
        let mut chunks = chunks?;
        match chunks.recv().await {
            Some(Some(Ok(chunk))) => Some((Ok(chunk), Some(chunks))),
            Some(None) => None,
            Some(Some(Err(broken))) => Some((Err(broken), None)),
            None => Some((Err(io::Error::other("the answer broke off")), None)),
        }
    });
    let mut response = body_response(&head.content_type, head.size, name, Body::from_stream(chunks));
    if let Some(job_id) = success(operation, &head.answer).1.and_then(|id| HeaderValue::try_from(id).ok()) {
        response.headers_mut().insert(JOB_ID_HEADER, job_id);
    }
    response
}

async fn respond(gateway: &Gateway, operation: &Operation, record: JobRecord) -> Answer {
    // As at the node's own door: a failure before an answer, an answer before the bare state.
    if record.state != JobState::Succeeded && (record.failure.is_some() || record.answer.is_none()) {
        return Err(failure(record).into());
    }
    let value = record.answer.unwrap_or_default();
    let (status, job_id) = success(operation, &value);
    let name = record.job.params.get("id").and_then(Value::as_str).unwrap_or("snapshot");
    let mut response = match &record.answer_body {
        None => reply(status, &value)?,
        Some(body) => match &body.base64 {
            None => kept(gateway, body, name, None).await?,
            Some(text) => {
                let bytes = STANDARD.decode(text);
                let bytes = bytes.map_err(|wrong| Refusal::internal("the answer's body cannot be read", wrong))?;
                body_response(&body.content_type, Some(bytes.len() as u64), name, Body::from(bytes))
            }
        },
    };
    if let Some(job_id) = job_id.and_then(|id| HeaderValue::try_from(id).ok()) {
        response.headers_mut().insert(JOB_ID_HEADER, job_id);
    }
    Ok(response)
}

fn failure(record: JobRecord) -> Failure {
    let code = match record.state {
        JobState::Cancelled => ErrorCode::Cancelled,
        JobState::TimedOut => ErrorCode::TimedOut,
        JobState::Lost => ErrorCode::Lost,
        JobState::Refused => ErrorCode::RefusedByPolicy,
        _ => ErrorCode::Internal,
    };
    let reason = record.reason.unwrap_or_default();
    let told = record.failure.filter(|_| reason != "max_attempts");
    let failure = told.unwrap_or_else(|| match code {
        ErrorCode::Lost => Failure::new(code, format!("the node went away in the middle: {reason}")),
        _ => Failure::new(code, format!("the request ended as {}: {reason}", record.state)),
    });
    if failure.code == ErrorCode::Lost && failure.hint.is_none() {
        return failure.hint("it may have run wholly, partly or not at all; look before asking again");
    }
    failure
}
