//! A job that runs: its end can be asked for, waited for, and its output read while it grows.

use super::record::{JobEnd, JobRecord};
use crate::base::{mint, unix_seconds};
use crate::wire::v1::OutputStream;
use crate::workspace::{OutputSink, Stream};
use bytes::Bytes;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use tokio_util::sync::CancellationToken;

/// A job from its submission to its end.
#[derive(Debug)]
pub struct Job {
    pub(super) id: String,
    pub(super) workspace_id: String,
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
    pub(super) fn new(workspace_id: &str, command: &str, background: bool, cancel: CancellationToken) -> Self {
        Self {
            id: mint("job"),
            workspace_id: workspace_id.to_owned(),
            command: command.to_owned(),
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
            command: self.command.clone(),
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
