//! Output on its way to the gateway while a job runs. Never holds the job up: when the gateway is away, the oldest unsent
//! output is dropped, and the answer still has all of it.

use super::running::RunningJob;
use super::shared::Shared;
use crate::jobs::Progress;
use crate::wire::node::{Event, EventKind, EventsRequest};
use base64::Engine as _;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Output that is sent without waiting for more.
const ENOUGH: usize = 32 * 1024;
/// The most output in one request.
const BATCH: usize = 256 * 1024;
/// The most output that waits for the gateway.
const KEPT: usize = 4 * 1024 * 1024;

/// One job's output on its way.
pub(super) struct EventStream {
    waiting: Mutex<Waiting>,
    more: Notify,
    enough: Notify,
}

/// Events that the gateway has not acknowledged. Their numbers follow from their place, so there are no gaps.
#[derive(Default)]
struct Waiting {
    events: VecDeque<Piece>,
    first_seq: u64,
    /// How many from the front were sent at least once. Those keep their numbers: the gateway may have them.
    tried: usize,
    bytes: usize,
    offsets: [u64; 2],
    epoch: u64,
}

struct Piece {
    kind: EventKind,
    offset: u64,
    data: Vec<u8>,
}

impl EventStream {
    pub(super) fn new(epoch: u64) -> Self {
        let waiting = Waiting { epoch, ..Waiting::default() };
        Self { waiting: Mutex::new(waiting), more: Notify::new(), enough: Notify::new() }
    }

    fn push(&self, kind: EventKind, chunk: &[u8]) {
        if chunk.is_empty() {
            return;
        }
        let bytes = {
            let mut waiting = self.lock();
            waiting.push(kind, chunk);
            waiting.bytes
        };
        self.more.notify_one();
        if bytes >= ENOUGH {
            self.enough.notify_one();
        }
    }

    /// Sends output until `end`, then what is left, for at most `last` longer.
    pub(super) async fn run(&self, shared: &Shared, job: &RunningJob, end: CancellationToken, last: Duration) {
        let sending = async {
            loop {
                self.more.notified().await;
                tokio::select! {
                    () = self.enough.notified() => {}
                    () = tokio::time::sleep(shared.intervals.flush) => {}
                }
                self.send_all(shared, job).await;
            }
        };
        tokio::select! {
            () = sending => {}
            () = end.cancelled() => {}
        }
        if shared.link.standing().workable() {
            let _ = tokio::time::timeout(last, self.send_all(shared, job)).await;
        }
    }

    async fn send_all(&self, shared: &Shared, job: &RunningJob) {
        let mut backoff = shared.intervals.backoff();
        loop {
            let batch = self.lock().batch(&shared.node_id, job.epoch());
            let Some(request) = batch else { return };
            shared.link.workable().await;
            match shared.client.events(&job.job_id, &request).await {
                Ok(reply) => {
                    shared.saw_success("events");
                    backoff.reset();
                    let first = request.events.first().map_or(0, |event| event.seq);
                    let next = request.events.last().map_or(0, |event| event.seq + 1);
                    // A gateway that lost what it had acknowledged never gets past the gap: it is not told again.
                    let has = reply.next_seq.filter(|seq| *seq > first).unwrap_or(next);
                    self.lock().acknowledge(request.epoch, has);
                    if reply.cancel {
                        job.cancel("cancel_requested");
                    }
                }
                Err(error) => {
                    shared.saw_error(&error);
                    if error.conflict().is_some() {
                        // A newer attempt or an ended job: nobody reads on. The lease loop finds out what that means.
                        self.lock().drop_all();
                        return;
                    }
                    tracing::debug!(job = %job.job_id, %error, "output not sent yet");
                    tokio::time::sleep(backoff.next_delay()).await;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for EventStream {
    fn stdout(&self, chunk: &[u8]) {
        self.push(EventKind::Stdout, chunk);
    }

    fn stderr(&self, chunk: &[u8]) {
        self.push(EventKind::Stderr, chunk);
    }
}

impl Waiting {
    fn push(&mut self, kind: EventKind, chunk: &[u8]) {
        let stream = usize::from(kind == EventKind::Stderr);
        for part in chunk.chunks(BATCH) {
            let offset = self.offsets[stream];
            self.offsets[stream] += part.len() as u64;
            self.bytes += part.len();
            let untried = self.tried < self.events.len();
            match self.events.back_mut() {
                // Small writes become one event while none of it was sent.
                Some(back) if untried && back.kind == kind && back.data.len() + part.len() <= ENOUGH => {
                    back.data.extend_from_slice(part);
                }
                _ => self.events.push_back(Piece { kind, offset, data: part.to_vec() }),
            }
        }
        while self.bytes > KEPT && self.events.len() > self.tried + 1 {
            if let Some(dropped) = self.events.remove(self.tried) {
                self.bytes -= dropped.data.len();
            }
        }
    }

    /// The next request; none when nothing waits. A newer attempt starts numbering again.
    fn batch(&mut self, node_id: &str, epoch: u64) -> Option<EventsRequest> {
        if self.epoch != epoch {
            (self.epoch, self.first_seq, self.tried) = (epoch, 0, 0);
        }
        let mut size = 0;
        let mut events = Vec::new();
        for (seq, piece) in (self.first_seq..).zip(&self.events) {
            size += piece.data.len();
            if size > BATCH && !events.is_empty() {
                break;
            }
            let data = base64::engine::general_purpose::STANDARD.encode(&piece.data);
            events.push(Event { seq, kind: piece.kind, offset: piece.offset, data });
        }
        if events.is_empty() {
            return None;
        }
        self.tried = self.tried.max(events.len());
        Some(EventsRequest { node_id: node_id.to_owned(), stream_events: None, epoch: Some(epoch), events })
    }

    /// The gateway has everything before `next_seq`.
    fn acknowledge(&mut self, epoch: Option<u64>, next_seq: u64) {
        if epoch != Some(self.epoch) {
            return;
        }
        while self.first_seq < next_seq {
            let Some(piece) = self.events.pop_front() else { break };
            self.bytes -= piece.data.len();
            self.first_seq += 1;
            self.tried = self.tried.saturating_sub(1);
        }
    }

    fn drop_all(&mut self) {
        self.first_seq += self.events.len() as u64;
        self.events.clear();
        (self.bytes, self.tried) = (0, 0);
    }
}

/// A handle that is a [`Progress`].
pub(super) fn progress(stream: &Arc<EventStream>) -> Arc<dyn Progress> {
    stream.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gaps_and_what_was_sent_keeps_its_number() {
        let mut waiting = Waiting { epoch: 1, ..Waiting::default() };
        waiting.push(EventKind::Stdout, b"a");
        waiting.push(EventKind::Stdout, b"b");
        waiting.push(EventKind::Stderr, b"c");
        let first = waiting.batch("n", 1).unwrap();
        assert_eq!(first.events.iter().map(|event| (event.seq, event.offset)).collect::<Vec<_>>(), [(0, 0), (1, 0)]);

        // sent, not acknowledged: a later write is its own event, and sending again sends the same
        waiting.push(EventKind::Stderr, b"d");
        let again = waiting.batch("n", 1).unwrap();
        assert_eq!(again.events[..2], first.events[..]);
        assert_eq!((again.events[2].seq, again.events[2].offset), (2, 1));

        waiting.acknowledge(Some(1), 2);
        assert_eq!(waiting.batch("n", 1).unwrap().events[0].seq, 2);
        // a newer attempt numbers from 0
        assert_eq!(waiting.batch("n", 2).unwrap().events[0].seq, 0);
    }

    #[test]
    fn a_gateway_that_is_away_costs_bounded_memory() {
        let mut waiting = Waiting { epoch: 1, ..Waiting::default() };
        for _ in 0..100 {
            waiting.push(EventKind::Stdout, &vec![b'x'; 100_000]);
        }
        assert!(waiting.bytes <= KEPT, "{}", waiting.bytes);
        let last = waiting.events.back().unwrap();
        assert_eq!(last.offset + last.data.len() as u64, 100 * 100_000);
    }
}
