//! `POST …/generic-jobs`: runs a generic job while its caller waits, and tells how it ended or, if asked for events, what
//! happens. The caller's disconnect cancels it.

use super::refusal::{Refusal, json_response};
use super::service::Mswarm;
use super::sse;
use super::tokens::Purpose;
use crate::jobs::generic::{GenericRefusal, RunNow, Submission};
use crate::wire::node::Timing;
use crate::wire::node::generic::{GenericError, GenericExecution, GenericResult, GenericStatus, ValidationIssue};
use axum::body::Body;
use hyper::Response;
use hyper::header::ACCEPT;
use hyper::http::request::Parts;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

/// Frames on their way to the socket.
const AHEAD: usize = 16;

pub(super) async fn answer(mswarm: &Mswarm, head: &Parts, body: Body) -> Result<Response<Body>, Refusal> {
    let jobs = mswarm.generic()?;
    let (submission, token) = mswarm.submission(head, body).await?;
    let mut spent = None;
    let started = jobs.run_now(submission.clone(), || {
        let used = mswarm.tokens.spend(&token, Purpose::Start);
        let first = used.is_ok();
        spent = used.err();
        first
    });
    match started {
        Ok(run) if wants_events(head) => Ok(events(mswarm, run)),
        Ok(run) => whole(run).await,
        Err(GenericRefusal::NotPermitted) => Err(spent.unwrap_or_else(|| GenericRefusal::NotPermitted.into())),
        Err(GenericRefusal::Invalid(issues)) => Ok(invalid(&submission, issues)),
        Err(refusal) => Err(refusal.into()),
    }
}

fn wants_events(head: &Parts) -> bool {
    let accepted = head.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|media| {
        media.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("text/event-stream"))
    })
}

async fn whole(run: RunNow) -> Result<Response<Body>, Refusal> {
    // Held until the end: dropping it ends the job.
    let RunNow { events, done, guard } = run;
    drop(events);
    let execution = done.await.map_err(|_| Refusal::later("draining", "the node is shutting down"))?;
    let _ended = guard.disarm();
    Ok(of_execution(&execution))
}

fn of_execution(execution: &GenericExecution) -> Response<Body> {
    let code = execution.result.error.as_ref().map(|error| error.code.as_str());
    let status = match (execution.status, code) {
        (GenericStatus::Succeeded, _) => 200,
        (GenericStatus::Cancelled, _) => 409,
        (GenericStatus::Failed, Some("validation_failed")) => 400,
        (GenericStatus::Failed, Some("timeout")) => 408,
        (GenericStatus::Failed, _) => 502,
    };
    json_response(status, &serde_json::to_value(execution).unwrap_or_default())
}

fn events(mswarm: &Mswarm, run: RunNow) -> Response<Body> {
    let RunNow { mut events, done, guard } = run;
    let (frames, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let value = serde_json::to_value(&event).unwrap_or_default();
            let name = value.get("type").and_then(Value::as_str).unwrap_or("message").to_owned();
            if frames.send(sse::event(&name, &value)).await.is_err() {
                return;
            }
        }
        let _ = done.await;
        let _ = frames.send(sse::DONE).await;
    });
    sse::response(receiver, mswarm.options.keep_alive, guard)
}

/// All that is wrong with a job, in the form of a result.
fn invalid(submission: &Submission, issues: Vec<ValidationIssue>) -> Response<Body> {
    let message = GenericRefusal::Invalid(issues.clone()).to_string();
    let (job_id, request_id) = (submission.envelope.job_id.clone(), submission.envelope.request_id.clone());
    let error = GenericError { code: "validation_failed".to_owned(), message, retryable: false };
    of_execution(&GenericExecution {
        result: GenericResult {
            job_id: job_id.clone(),
            status: GenericStatus::Failed,
            exit_code: None,
            started_at: None,
            finished_at: None,
            artifacts: Vec::new(),
            metrics: Map::new(),
            error: Some(error),
        },
        job_id,
        request_id,
        status: GenericStatus::Failed,
        events: Vec::new(),
        validation_issues: issues,
        timing: Timing { local_latency_ms: 0 },
    })
}
