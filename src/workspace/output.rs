//! Collects what a script writes, hands it on while it runs, and stops at the limit.

use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One of a script's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Takes output while it is produced.
pub trait OutputSink: Send + Sync {
    /// Takes the next bytes of `stream`. Calls come one at a time, each stream in the order of its production, and must
    /// not block: the script waits.
    fn write(&self, stream: Stream, chunk: &[u8]);
}

/// The output of one execution.
pub(super) struct Output {
    sink: Option<Arc<dyn OutputSink>>,
    limit: usize,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    over: bool,
    closed: bool,
}

impl Output {
    pub(super) fn new(limit: u64, sink: Option<Arc<dyn OutputSink>>) -> Arc<Self> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Arc::new(Self { sink, limit, written: Mutex::default() })
    }

    /// Takes what the limit allows of `chunk`. False when that was not all.
    pub(super) fn write(&self, stream: Stream, chunk: &[u8]) -> bool {
        let mut written = self.lock();
        if written.closed {
            return false;
        }
        let room = self.limit - written.stdout.len() - written.stderr.len();
        let taken = &chunk[..chunk.len().min(room)];
        written.over |= taken.len() < chunk.len();
        self.add(&mut written, stream, taken);
        taken.len() == chunk.len()
    }

    /// Adds a line about the execution itself, whatever the limit, and takes nothing more.
    pub(super) fn finish(&self, note: &str) -> (Bytes, Bytes) {
        let mut written = self.lock();
        if !note.is_empty() {
            self.add(&mut written, Stream::Stderr, note.as_bytes());
        }
        written.closed = true;
        (std::mem::take(&mut written.stdout).into(), std::mem::take(&mut written.stderr).into())
    }

    /// Whether the limit was hit.
    pub(super) fn is_over(&self) -> bool {
        self.lock().over
    }

    /// Whether the last line on stderr says that a parameter of `script` is not set. `bash -c` ends with 127 then, and the engine,
    /// which takes every script for a file, with 1.
    pub(super) fn ends_with_unset_parameter(&self, script: &str) -> bool {
        let written = self.lock();
        let text = written.stderr.strip_suffix(b"\n").unwrap_or_default();
        let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let Some(line) = std::str::from_utf8(&text[start..]).ok().and_then(|line| line.strip_prefix("bash: line "))
        else {
            return false;
        };
        let mut parts = line.splitn(3, ": ").skip(1);
        match (parts.next(), parts.next()) {
            (Some(_), Some("unbound variable")) => true,
            (Some(name), Some(_)) => {
                script.contains(&format!("${{{name}:?")) || script.contains(&format!("${{{name}?"))
            }
            _ => false,
        }
    }

    fn add(&self, written: &mut Written, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        match stream {
            Stream::Stdout => written.stdout.extend_from_slice(bytes),
            Stream::Stderr => written.stderr.extend_from_slice(bytes),
        }
        // Under the lock: that is what keeps the calls in order.
        if let Some(sink) = &self.sink {
            sink.write(stream, bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
