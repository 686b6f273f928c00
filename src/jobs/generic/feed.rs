//! What happens to one job: numbered, bounded, and told to a caller who listens.

use super::clock;
use super::job::JobLimits;
use crate::base::unix_ms;
use crate::wire::node::generic::{GenericEvent, GenericEventType, LogLine};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// Events of a job that are kept; further ones are counted, but for those that say how it goes on.
const MAX_EVENTS: usize = 2_000;

/// Which output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Stdout,
    Stderr,
}

/// What happens to one job.
#[derive(Debug)]
pub(super) struct Feed {
    job_id: String,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<GenericEvent>,
    next: u64,
    left: [u64; 2],
    truncated: [bool; 2],
    /// Events that were not kept.
    dropped: u64,
    bytes: usize,
    /// Who hears every event that is kept.
    listener: Option<UnboundedSender<GenericEvent>>,
}

impl Feed {
    pub(super) fn new(job_id: &str, listener: Option<UnboundedSender<GenericEvent>>) -> Self {
        Self { job_id: job_id.to_owned(), kept: Mutex::new(Kept { listener, ..Kept::default() }) }
    }

    /// A run begins: it may print as much as its limits say, and what the run before printed is forgotten.
    pub(super) fn begin(&self, limits: &JobLimits) {
        let mut kept = self.lock();
        kept.left = [limits.stdout_bytes, limits.stderr_bytes];
        kept.truncated = [false; 2];
        kept.events.retain(|event| stream_name(event.kind).is_none());
        kept.bytes = kept.events.iter().map(size).sum();
    }

    /// Something happened.
    pub(super) fn event(&self, kind: GenericEventType, message: Option<&str>, data: Option<Value>) {
        self.lock().push(&self.job_id, kind, message, data);
    }

    /// The job printed something.
    pub(super) fn output(&self, stream: Stream, text: &str) {
        let (index, kind, name) = match stream {
            Stream::Stdout => (0, GenericEventType::Stdout, "stdout"),
            Stream::Stderr => (1, GenericEventType::Stderr, "stderr"),
        };
        let mut kept = self.lock();
        let room = usize::try_from(kept.left[index]).unwrap_or(usize::MAX);
        let part = &text[..text.floor_char_boundary(room.min(text.len()))];
        kept.left[index] -= part.len() as u64;
        if !part.is_empty() {
            kept.push(&self.job_id, kind, Some(part), None);
        }
        if part.len() < text.len() && !kept.truncated[index] {
            kept.truncated[index] = true;
            kept.left[index] = 0;
            let data = json!({ "stream": name });
            let text = format!("more came on {name} than is kept");
            kept.push(&self.job_id, GenericEventType::LogTruncated, Some(&text), Some(data));
        }
    }

    pub(super) fn events(&self) -> Vec<GenericEvent> {
        self.lock().events.clone()
    }

    /// What it printed.
    pub(super) fn logs(&self) -> Vec<LogLine> {
        let kept = self.lock();
        let lines = kept.events.iter().filter_map(|event| {
            Some(LogLine {
                sequence: event.sequence,
                timestamp: event.timestamp.clone(),
                stream: stream_name(event.kind)?.to_owned(),
                message: event.message.clone().unwrap_or_default(),
            })
        });
        lines.collect()
    }

    /// Bytes that it holds, nearly.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, job_id: &str, kind: GenericEventType, message: Option<&str>, data: Option<Value>) {
        use GenericEventType::{Cancelled, Completed, Failed, LogTruncated, Queued, Scheduled, Started};
        let matters = matches!(kind, Queued | Scheduled | Started | Completed | Failed | Cancelled);
        if self.events.len() >= MAX_EVENTS && !matters {
            self.dropped += 1;
            if self.dropped == 1 {
                let data = Some(json!({ "events": MAX_EVENTS }));
                self.keep(job_id, LogTruncated, Some("further events are not kept"), data);
            }
            return;
        }
        self.keep(job_id, kind, message, data);
    }

    fn keep(&mut self, job_id: &str, kind: GenericEventType, message: Option<&str>, data: Option<Value>) {
        self.next += 1;
        let event = GenericEvent {
            job_id: job_id.to_owned(),
            sequence: self.next,
            timestamp: clock::iso(unix_ms()),
            kind,
            message: message.map(str::to_owned),
            data,
        };
        self.bytes += size(&event);
        if let Some(listener) = &self.listener {
            let _ = listener.send(event.clone());
        }
        self.events.push(event);
    }
}

fn size(event: &GenericEvent) -> usize {
    // What stands around a message.
    const REST: usize = 200;
    REST + event.message.as_ref().map_or(0, String::len)
}

fn stream_name(kind: GenericEventType) -> Option<&'static str> {
    match kind {
        GenericEventType::Stdout => Some("stdout"),
        GenericEventType::Stderr => Some("stderr"),
        GenericEventType::LogTruncated => Some("node"),
        _ => None,
    }
}
