//! A node's answer on its way to a caller.

use crate::wire::node::AnswerHead;
use bytes::Bytes;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Chunks on their way to the caller's connection. A chunk is what one read of the node's connection gives.
const AHEAD: usize = 16;
/// How long a piece waits for a caller that does not read. The node then sends the rest again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where an answer's pieces arrive.
pub(crate) struct Answering {
    state: Mutex<State>,
    /// None is the answer's end.
    chunks: mpsc::Sender<Option<io::Result<Bytes>>>,
}

struct State {
    /// Taken by the first piece.
    head: Option<oneshot::Sender<AnswerHead>>,
    /// The node and its attempt that answer.
    by: Option<(String, u64)>,
    /// The first byte that is not there yet.
    next: u64,
    ended: bool,
}

/// The caller's side of an answer.
pub(crate) struct Reader {
    /// What comes before the first byte.
    pub(crate) head: oneshot::Receiver<AnswerHead>,
    /// The bytes; none is the end. An error, or silence where the end should be, means that it is not whole.
    pub(crate) chunks: mpsc::Receiver<Option<io::Result<Bytes>>>,
}

/// What became of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// They are here, wholly or up to where [`Answering::next`] says.
    Yes,
    /// The caller does not read just now.
    Later,
    /// The caller went away, or another attempt answers.
    Gone,
}

impl Answering {
    pub(super) fn new() -> (Self, Reader) {
        let (chunks, received) = mpsc::channel(AHEAD);
        let (send, head) = oneshot::channel();
        let state = State { head: Some(send), by: None, next: 0, ended: false };
        (Self { state: Mutex::new(state), chunks }, Reader { head, chunks: received })
    }

    /// A node's attempt begins to answer, or goes on. False when another one began before, or nobody waits.
    pub(crate) fn begin(&self, node_id: &str, epoch: u64, head: Option<AnswerHead>) -> bool {
        let mut state = self.lock();
        let other = state.by.as_ref().is_some_and(|(node, began)| node != node_id || *began != epoch);
        if state.ended || other || (state.by.is_none() && head.is_none()) {
            return false;
        }
        state.by.get_or_insert_with(|| (node_id.to_owned(), epoch));
        match (state.head.take(), head) {
            (Some(waits), Some(head)) => waits.send(head).is_ok(),
            // Whoever is known to answer has sent its head.
            _ => true,
        }
    }

    /// The first byte that is not there yet.
    pub(crate) fn next(&self) -> u64 {
        self.lock().next
    }

    /// Takes bytes that begin at `offset`; what is there already is skipped. Bytes beyond a gap are not taken.
    pub(crate) async fn take(&self, offset: u64, chunk: Bytes) -> Taken {
        let room = match tokio::time::timeout(PATIENCE, self.chunks.reserve()).await {
            Ok(Ok(room)) => room,
            Ok(Err(_)) => return Taken::Gone,
            Err(_) => return Taken::Later,
        };
        // Only now: the same piece may come over two connections, one of which is dead and does not know it.
        let mut state = self.lock();
        if state.ended {
            return Taken::Gone;
        }
        let Some(known) = state.next.checked_sub(offset) else { return Taken::Later };
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        if known < chunk.len() {
            state.next += (chunk.len() - known) as u64;
            room.send(Some(Ok(chunk.slice(known..))));
        }
        Taken::Yes
    }

    /// Nothing more comes.
    pub(crate) fn end(&self, whole: bool) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.ended, true) {
            return;
        }
        state.head = None;
        let last = if whole { None } else { Some(Err(io::Error::other("the answer broke off"))) };
        // A full channel has a reader that will come to its end later: see `wait_to_end`.
        let _ = self.chunks.try_send(last);
    }

    /// The same for an answer of `size` bytes, all of which must be there, once the caller has read so far.
    pub(crate) async fn complete(&self, size: u64) -> bool {
        let Ok(room) = self.chunks.reserve().await else { return false };
        let mut state = self.lock();
        if state.ended || state.next != size {
            return false;
        }
        state.ended = true;
        room.send(None);
        true
    }

    /// Ends when the caller is gone.
    pub(crate) async fn closed(&self) {
        self.chunks.closed().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn head() -> AnswerHead {
        AnswerHead { answer: json!({"id": "w"}), content_type: "application/x-tar".to_owned(), size: None }
    }

    async fn read(chunks: &mut mpsc::Receiver<Option<io::Result<Bytes>>>) -> Result<Vec<u8>, Vec<u8>> {
        let mut all = Vec::new();
        loop {
            match chunks.recv().await {
                Some(Some(Ok(chunk))) => all.extend_from_slice(&chunk),
                Some(None) => return Ok(all),
                Some(Some(Err(_))) | None => return Err(all),
            }
        }
    }

    #[tokio::test]
    async fn pieces_that_come_again_do_not_double_and_gaps_are_not_taken() {
        let (answer, mut reader) = Answering::new();
        assert!(!answer.begin("shn_2", 2, None), "the first piece has the head");
        assert!(answer.begin("shn_1", 1, Some(head())) && answer.begin("shn_1", 1, Some(head())));
        assert_eq!(reader.head.try_recv().unwrap().answer, json!({"id": "w"}));
        assert!(!answer.begin("shn_1", 2, Some(head())), "another attempt cannot go on where this one was");
        assert!(!answer.begin("shn_2", 1, None), "nor can another node");
        for (offset, text) in [(0, "hello "), (0, "hello wo"), (8, "rld"), (20, "x"), (2, "llo")] {
            let taken = answer.take(offset, Bytes::from_static(text.as_bytes())).await;
            assert_eq!(taken, if offset == 20 { Taken::Later } else { Taken::Yes }, "{offset}");
        }
        assert_eq!(answer.next(), 11);
        assert!(!answer.complete(12).await);
        assert!(answer.complete(11).await);
        assert_eq!(read(&mut reader.chunks).await, Ok(b"hello world".to_vec()));
        assert_eq!(answer.take(11, Bytes::from_static(b"!")).await, Taken::Gone);
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_not_taken_for_whole() {
        let (answer, mut reader) = Answering::new();
        assert!(answer.begin("shn_1", 1, Some(head())));
        answer.take(0, Bytes::from_static(b"part")).await;
        answer.end(false);
        assert_eq!(read(&mut reader.chunks).await, Err(b"part".to_vec()));
        let (answer, reader) = Answering::new();
        drop(reader);
        assert!(!answer.begin("shn_1", 1, Some(head())));
        assert_eq!(answer.take(0, Bytes::from_static(b"part")).await, Taken::Gone);
    }
}
