//! A script's output while it runs: lines of JSON, `{"stream", "data"}` for each piece and at last
//! `{"status", "result", "error"}`. A reader that goes away ends the script.

use super::execute::execute;
use crate::jobs::engine::Inner;
use crate::jobs::outcome::{Answer, AnswerStream, Outcome};
use crate::jobs::table::Job;
use crate::wire::gateway::JobState;
use crate::wire::v1::{ExecuteAnswer, JobStatus};
use crate::workspace::{ExecuteRequest, OutputSink, Stream, Workspace};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The most bytes of output in one line. What comes faster than it is taken is put together up to that.
const MAX_PIECE: usize = 64 << 10;
/// Lines that are made ahead of their reader.
const AHEAD: usize = 4;

/// Starts the script; the answer's body is its output.
pub(super) fn start(
    engine: &Arc<Inner>,
    workspace: Arc<Workspace>,
    request: ExecuteRequest,
    job: Arc<Job>,
    deadline: Option<Instant>,
) -> Outcome {
    let output = Arc::new(Output::default());
    let (chunks, receiver) = mpsc::channel(AHEAD);
    let value = json!({ "job_id": job.id(), "jobId": job.id() });
    let running = engine.tasks.spawn({
        let (engine, job, sink) = (engine.clone(), job.clone(), output.clone() as Arc<dyn OutputSink>);
        async move { execute(&engine, &workspace, request, Some(sink), &job, deadline).await }
    });
    engine.tasks.spawn(hand_on(output, running, chunks, job));
    let body = AnswerStream { content_type: "application/x-ndjson", size: None, chunks: receiver };
    Outcome {
        state: JobState::Succeeded,
        reason: "done".to_owned(),
        answer: Some(Answer { value, body: Some(body) }),
        failure: None,
    }
}

/// Hands on what comes, until the script has ended or nobody reads any more.
async fn hand_on(
    output: Arc<Output>,
    mut running: JoinHandle<Outcome>,
    chunks: mpsc::Sender<io::Result<Bytes>>,
    job: Arc<Job>,
) {
    loop {
        let read = tokio::select! {
            biased;
            () = chunks.closed() => false,
            piece = output.next() => chunks.send(Ok(piece.line())).await.is_ok(),
            _ = &mut running => break,
        };
        if !read {
            job.cancel().cancel();
            return;
        }
    }
    while let Some(piece) = output.take() {
        if chunks.send(Ok(piece.line())).await.is_err() {
            return;
        }
    }
    // A reader that went away just now has nothing to lose.
    let _ = chunks.send(Ok(line(&last(&job)))).await;
}

/// How it ended. The output has been said already.
fn last(job: &Job) -> Value {
    let record = job.record();
    let status = record.end.as_ref().map_or(JobStatus::Failed, |end| end.status);
    let silent = |answer| ExecuteAnswer {
        stdout: String::new(),
        stderr: String::new(),
        stdout_base64: None,
        stderr_base64: None,
        ..answer
    };
    let result = record.answer().filter(|_| status == JobStatus::Done).map(silent);
    let error = match &record.end {
        Some(end) => end.error.clone(),
        None => Some("internal: the script did not come to an end".to_owned()),
    };
    json!({ "status": status, "result": result, "error": error })
}

fn line(value: &Value) -> Bytes {
    let mut line = value.to_string();
    line.push('\n');
    line.into()
}

/// Consecutive bytes of one stream.
struct Piece {
    stream: Stream,
    bytes: Vec<u8>,
}

impl Piece {
    fn line(&self) -> Bytes {
        let stream = match self.stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        line(&json!({ "stream": stream, "data": STANDARD.encode(&self.bytes) }))
    }
}

/// What was written and not yet handed on, at most as much as the script may write at all.
#[derive(Default)]
struct Output {
    pieces: Mutex<VecDeque<Piece>>,
    more: Notify,
}

impl Output {
    async fn next(&self) -> Piece {
        loop {
            if let Some(piece) = self.take() {
                return piece;
            }
            self.more.notified().await;
        }
    }

    fn take(&self) -> Option<Piece> {
        self.pieces().pop_front()
    }

    fn pieces(&self) -> MutexGuard<'_, VecDeque<Piece>> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutputSink for Output {
    fn write(&self, stream: Stream, chunk: &[u8]) {
        {
            let mut pieces = self.pieces();
            for chunk in chunk.chunks(MAX_PIECE) {
                match pieces.back_mut() {
                    Some(last) if last.stream == stream && last.bytes.len() + chunk.len() <= MAX_PIECE => {
                        last.bytes.extend_from_slice(chunk);
                    }
                    _ => pieces.push_back(Piece { stream, bytes: chunk.to_vec() }),
                }
            }
        }
        self.more.notify_one();
    }
}
