//! A caller's body on its way to a node.

use crate::base::Chunks;
use bytes::Bytes;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What came of a body and was not acknowledged by the node.
pub(crate) struct Window {
    held: Mutex<Held>,
    room: usize,
    /// Something came, or the end.
    more: Notify,
    /// Something was acknowledged.
    less: Notify,
}

#[derive(Default)]
struct Held {
    bytes: Chunks,
    /// Where they begin.
    start: u64,
    /// Set when nothing more comes: whether that is the body's end.
    end: Option<bool>,
}

/// What a node asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Bytes from there on, perhaps none yet, and whether that is all.
    Bytes(Vec<Bytes>, bool),
    /// The body broke off.
    Broken,
    /// What is before `start` was acknowledged already, or what was asked for did not come yet: the node lost count.
    Gone,
}

impl Window {
    pub(super) fn new(room: usize) -> Self {
        Self { held: Mutex::default(), room, more: Notify::new(), less: Notify::new() }
    }

    /// Takes the next bytes, once there is room. False when nobody will read them.
    pub(crate) async fn push(&self, chunk: Bytes) -> bool {
        loop {
            let acknowledged = self.less.notified();
            {
                let mut held = self.lock();
                if held.end.is_some() {
                    return false;
                }
                if held.bytes.len() < self.room {
                    held.bytes.push(chunk);
                    break;
                }
            }
            acknowledged.await;
        }
        self.more.notify_waiters();
        true
    }

    /// Nothing more comes. The first word counts.
    pub(crate) fn end(&self, whole: bool) {
        self.lock().end.get_or_insert(whole);
        self.more.notify_waiters();
        self.less.notify_waiters();
    }

    /// At most `most` bytes from `offset` on, after `wait` at the latest. Forgets what is before.
    pub(crate) async fn read(&self, offset: u64, most: usize, wait: Duration) -> Piece {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            let more = self.more.notified();
            let piece = self.take(offset, most);
            if piece != Piece::Bytes(Vec::new(), false) {
                return piece;
            }
            if tokio::time::timeout_at(deadline, more).await.is_err() {
                return piece;
            }
        }
    }

    fn take(&self, offset: u64, most: usize) -> Piece {
        let mut held = self.lock();
        let Some(acknowledged) = offset.checked_sub(held.start).and_then(|bytes| usize::try_from(bytes).ok()) else {
            return Piece::Gone;
        };
        if acknowledged > held.bytes.len() {
            return Piece::Gone;
        }
        held.start = offset;
        held.bytes.forget(acknowledged);
        if acknowledged > 0 {
            self.less.notify_waiters();
        }
        if held.end == Some(false) {
            return Piece::Broken;
        }
        let is_last = held.end.is_some() && held.bytes.len() <= most;
        Piece::Bytes(held.bytes.first(most), is_last)
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    fn text(piece: Piece) -> (String, bool) {
        match piece {
            Piece::Bytes(chunks, end) => (String::from_utf8(chunks.concat()).unwrap(), end),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn what_was_not_acknowledged_can_be_had_again() {
        let window = Window::new(100);
        assert!(window.push(bytes("hello ")).await && window.push(bytes("world")).await);
        assert_eq!(text(window.read(0, 8, NOW).await), ("hello wo".to_owned(), false));
        assert_eq!(text(window.read(0, 3, NOW).await), ("hel".to_owned(), false));
        assert_eq!(text(window.read(8, 99, NOW).await), ("rld".to_owned(), false));
        assert_eq!(window.read(7, 99, NOW).await, Piece::Gone);
        assert_eq!(window.read(12, 99, NOW).await, Piece::Gone);
        window.end(true);
        assert_eq!(text(window.read(8, 2, NOW).await), ("rl".to_owned(), false));
        assert_eq!(text(window.read(8, 99, NOW).await), ("rld".to_owned(), true));
        assert_eq!(text(window.read(11, 99, NOW).await), (String::new(), true));
        assert!(!window.push(bytes("more")).await);
    }

    #[tokio::test]
    async fn a_full_window_waits_for_its_reader_and_a_broken_body_says_so() {
        let window = Window::new(4);
        assert!(window.push(bytes("abcd")).await);
        let (pushed, read) = tokio::join!(window.push(bytes("ef")), async {
            assert_eq!(window.read(0, 99, NOW).await, Piece::Bytes(vec![bytes("abcd")], false));
            window.read(4, 99, Duration::from_secs(10)).await
        });
        assert_eq!((pushed, read), (true, Piece::Bytes(vec![bytes("ef")], false)));
        window.end(false);
        window.end(true);
        assert_eq!(window.read(4, 99, NOW).await, Piece::Broken);
    }
}
