//! `workspaces.execute` and `workspaces.shell`: a script, waited for, streamed or in the background.

use super::{done, provision, stream};
use crate::base::unix_seconds;
use crate::jobs::engine::Inner;
use crate::jobs::outcome::{Answer, Outcome, Progress, RunContext};
use crate::jobs::stop::{Stop, out_of_time};
use crate::jobs::table::{Job, JobEnd, Line};
use crate::jobs::{failure, params};
use crate::wire::gateway::JobState;
use crate::wire::v1::{Accepted, ErrorCode, ExecuteParams, Failure, JobStatus};
use crate::workspace::{End, ExecuteOutcome, ExecuteRequest, OutputSink, Stream, Workspace};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn run(
    engine: &Arc<Inner>,
    params: Map<String, Value>,
    stdin: Bytes,
    context: &RunContext,
    stop: &Stop,
) -> Result<Outcome, Failure> {
    let params: ExecuteParams = params::parse(params)?;
    let workspace = engine.workspaces.get(&params.id).map_err(failure::workspace)?;
    refuse_runtime(params.runtime.as_deref())?;
    if params.explain {
        return provision::explain(&workspace, params, stop).await;
    }
    if params.provision {
        return provision::provision(&workspace, params, stop).await;
    }
    let (background, streamed) = (params.background, params.stream);
    let mut request = request(params, stdin)?;
    let session_id = session(&workspace, request.session_id.as_deref())?;
    if background {
        return accept(engine, workspace, &session_id, request).await;
    }
    request.timeout = shorter(request.timeout, stop.left());
    let line = Line { workspace_id: workspace.id(), session_id: &session_id, command: &request.command };
    let job = engine.jobs.start(&line, stop.cancel().child_token());
    if streamed {
        return Ok(stream::start(engine, workspace, request, job, stop.deadline()));
    }
    let sink = context.progress.clone().map(|progress| Arc::new(Forward(progress)) as Arc<dyn OutputSink>);
    Ok(execute(engine, &workspace, request, sink, &job, stop.deadline()).await)
}

fn request(params: ExecuteParams, stdin: Bytes) -> Result<ExecuteRequest, Failure> {
    let timeout = params.timeout_s.map(|timeout| params::seconds("timeout_s", timeout)).transpose()?;
    Ok(ExecuteRequest {
        command: params.command,
        session_id: params.session_id,
        cwd: params.cwd,
        env: params.env.unwrap_or_default(),
        stdin,
        timeout,
        max_output_bytes: params.max_output_bytes,
        unrecorded: params.record == Some(false),
    })
}

/// A caller that names what is to run its script must not get something else.
fn refuse_runtime(name: Option<&str>) -> Result<(), Failure> {
    match name {
        None | Some("workspace") => Ok(()),
        Some(name) => Err(Failure::new(ErrorCode::InvalidRequest, format!("unknown runtime: '{name}'"))
            .hint("scripts run in the workspace's own shell, whose name is workspace; leave it out")),
    }
}

/// The session that is meant. An unknown one is told at once, also for the background, and leaves no job behind.
pub(super) fn session(workspace: &Workspace, id: Option<&str>) -> Result<String, Failure> {
    let mut sessions = workspace.sessions().into_iter();
    let found = match id {
        None => sessions.next(),
        Some(id) => sessions.find(|session| session.id == id),
    };
    let unknown = || failure::workspace(crate::workspace::Error::SessionNotFound { id: id.unwrap_or_default().into() });
    found.map(|session| session.id).ok_or_else(unknown)
}

/// The shorter limit; the caller's own deadline may be the shorter one even when the script has none.
fn shorter(own: Option<Duration>, callers: Option<Duration>) -> Option<Duration> {
    match (own, callers) {
        (Some(own), Some(callers)) => Some(own.min(callers)),
        (own, callers) => own.or(callers),
    }
}

async fn accept(
    engine: &Arc<Inner>,
    workspace: Arc<Workspace>,
    session_id: &str,
    request: ExecuteRequest,
) -> Result<Outcome, Failure> {
    if engine.jobs.background_running() >= engine.max_background {
        return Err(Failure::new(
            ErrorCode::TooManyRequests,
            format!("{} background jobs are running, which is the limit", engine.max_background),
        )
        .hint("wait for one to end, or cancel one with jobs.cancel"));
    }
    let line = Line { workspace_id: workspace.id(), session_id, command: &request.command };
    let job = engine.jobs.accept(&line).await.map_err(|error| failure::database(&error))?;
    let accepted = Accepted {
        job_id: job.id().to_owned(),
        job_id_camel: job.id().to_owned(),
        workspace_id: workspace.id().to_owned(),
        workspace_id_camel: workspace.id().to_owned(),
        submitted_at: job.submitted_at(),
        submitted_at_camel: job.submitted_at(),
    };
    let (engine_of_job, sink) = (engine.clone(), job.clone() as Arc<dyn OutputSink>);
    engine.tasks.spawn(async move {
        execute(&engine_of_job, &workspace, request, Some(sink), &job, None).await;
    });
    done(&accepted)
}

/// Runs the script and ends the job, which is all that a background job's end is. The script's own limit counts from its
/// turn in its session; the caller's deadline also while it waits for that.
pub(super) async fn execute(
    engine: &Inner,
    workspace: &Workspace,
    request: ExecuteRequest,
    sink: Option<Arc<dyn OutputSink>>,
    job: &Arc<Job>,
    deadline: Option<Instant>,
) -> Outcome {
    let mut running = std::pin::pin!(workspace.execute(request, sink, job.cancel().clone()));
    let (ran, too_late) = tokio::select! {
        biased;
        ran = running.as_mut() => (ran, false),
        () = out_of_time(deadline) => {
            job.cancel().cancel();
            (running.await, true)
        }
    };
    let (end, state, reason, failure) = match ran {
        Ok(outcome) if too_late && outcome.end == End::Cancelled => {
            ended(ExecuteOutcome { end: End::TimedOut, exit_code: 124, ..outcome })
        }
        Ok(outcome) => ended(outcome),
        Err(error) => failed(failure::workspace(error)),
    };
    engine.jobs.finish(job, end).await;
    let answer = job.record().answer().and_then(|answer| serde_json::to_value(answer).ok());
    Outcome { state, reason, answer: answer.map(|value| Answer { value, body: None }), failure }
}

type Ended = (JobEnd, JobState, String, Option<Failure>);

/// A script that ran, however it ended.
fn ended(outcome: ExecuteOutcome) -> Ended {
    let (how, status, state, reason) = match outcome.end {
        End::Exited => ("exited", JobStatus::Done, JobState::Succeeded, "exited"),
        End::TimedOut => ("timed_out", JobStatus::Done, JobState::TimedOut, "timeout"),
        End::Cancelled => ("cancelled", JobStatus::Canceled, JobState::Cancelled, "cancel_requested"),
        End::OutputLimit => ("output_limit", JobStatus::Done, JobState::Succeeded, "output_limit"),
        End::ResourceLimit(_) => ("resource_limit", JobStatus::Done, JobState::Succeeded, "resource_limit"),
    };
    let failure = (status == JobStatus::Canceled).then(|| Failure::new(ErrorCode::Cancelled, "job canceled"));
    let end = JobEnd {
        status,
        finished_at: unix_seconds(),
        exit_code: Some(outcome.exit_code),
        how: how.to_owned(),
        stdout: outcome.stdout,
        stderr: outcome.stderr,
        error: None,
    };
    (end, state, reason.to_owned(), failure)
}

/// A script that could not be run, or whose changes could not be kept.
fn failed(failure: Failure) -> Ended {
    let end = JobEnd {
        status: JobStatus::Failed,
        finished_at: unix_seconds(),
        exit_code: None,
        how: String::new(),
        stdout: Bytes::new(),
        stderr: Bytes::new(),
        error: Some(format!("{}: {}", failure.code.as_str(), failure.message)),
    };
    let Outcome { state, reason, failure, .. } = Outcome::failed(failure);
    (end, state, reason, failure)
}

/// The caller's wish to see output, as the engine calls it.
struct Forward(Arc<dyn Progress>);

impl OutputSink for Forward {
    fn write(&self, stream: Stream, chunk: &[u8]) {
        match stream {
            Stream::Stdout => self.0.stdout(chunk),
            Stream::Stderr => self.0.stderr(chunk),
        }
    }
}
