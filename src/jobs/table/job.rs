//! A job that runs: its end can be asked for, waited for, and its output read while it grows.

use super::record::{JobEnd, JobRecord};
use crate::base::{mint, unix_seconds};
use crate::wire::v1::OutputStream;
use crate::workspace::{OutputSink, Stream};
use bytes::Bytes;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;

/// What runs, and where.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The session, also when the caller named none.
    pub session_id: &'a str,
    /// The script.
    pub command: &'a str,
}

/// A job from its submission to its end.
#[derive(Debug)]
pub struct Job {
    pub(super) id: String,
    pub(super) workspace_id: String,
    pub(super) session_id: String,
    pub(super) command: String,
    pub(super) submitted_at: f64,
    pub(super) background: bool,
    cancel: CancellationToken,
    finished: CancellationToken,
    end: OnceLock<JobEnd>,
    output: Mutex<Output>,
}

/// What a background job has written so far.
#[derive(Debug, Default)]
struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Job {
    pub(super) fn new(line: &Line<'_>, background: bool, cancel: CancellationToken) -> Self {
        Self {
            id: mint("job"),
            workspace_id: line.workspace_id.to_owned(),
            session_id: line.session_id.to_owned(),
            command: line.command.to_owned(),
            submitted_at: unix_seconds(),
            background,
            cancel,
            finished: CancellationToken::new(),
            end: OnceLock::new(),
            output: Mutex::default(),
        }
    }

    /// The job's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether it is a job of that workspace, and of that session when one is named.
    pub fn is_of(&self, workspace_id: &str, session_id: Option<&str>) -> bool {
        self.workspace_id == workspace_id && session_id.is_none_or(|id| id == self.session_id)
    }

    /// Whether its caller did not wait for it.
    pub fn is_background(&self) -> bool {
        self.background
    }

    /// When it was submitted, seconds since 1970 UTC.
    pub fn submitted_at(&self) -> f64 {
        self.submitted_at
    }

    /// Ends the script when cancelled.
    pub fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Returns when the job has ended and its end is kept.
    pub async fn finished(&self) {
        self.finished.cancelled().await;
    }

    /// The job as it is now.
    pub fn record(&self) -> JobRecord {
        JobRecord {
            id: self.id.clone(),
            workspace_id: self.workspace_id.clone(),
            session_id: self.session_id.clone(),
            command: self.command.clone(),
            cancel_requested: self.cancel.is_cancelled(),
            submitted_at: self.submitted_at,
            started_at: self.submitted_at,
            end: self.end.get().cloned(),
        }
    }

    pub(super) fn end(&self, end: JobEnd) {
        // The first end counts; there is only one caller.
        let _ = self.end.set(end);
    }

    pub(super) fn announce_end(&self) {
        self.finished.cancel();
    }

    pub(super) fn output_from(&self, stream: OutputStream, offset: usize, limit: usize) -> Bytes {
        let output = self.output();
        let bytes = match stream {
            OutputStream::Stdout => &output.stdout,
            OutputStream::Stderr => &output.stderr,
        };
        let from = offset.min(bytes.len());
        Bytes::copy_from_slice(&bytes[from..from.saturating_add(limit).min(bytes.len())])
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutputSink for Job {
    fn write(&self, stream: Stream, chunk: &[u8]) {
        let mut output = self.output();
        match stream {
            Stream::Stdout => output.stdout.extend_from_slice(chunk),
            Stream::Stderr => output.stderr.extend_from_slice(chunk),
        }
    }
}
