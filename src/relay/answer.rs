//! An answer's body on its way to a caller that reads it while it is made. What is cut goes on where the gateway says.
//!
//! One piece is under way while the next is gathered: what comes slowly goes out at once, what comes fast goes out in large
//! pieces, and what the caller does not read is not made.

use super::fetch::LONGEST_WAIT;
use super::running::RunningJob;
use super::shared::Shared;
use super::start::delay;
use crate::base::{Backoff, Chunks};
use crate::client::{CallError, PIECE};
use crate::jobs::AnswerStream;
use crate::wire::node::{AnswerBody, AnswerHead};
use crate::wire::v1::{ErrorCode, Failure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use std::io;
use tokio::sync::mpsc;

/// A body that is complete before anything was sent, and no longer than this, rides in the result.
const INLINE: usize = 64 << 10;

/// Sends the body to its end; what the result says of it.
pub(super) async fn stream(
    shared: &Shared,
    entry: &RunningJob,
    value: &Value,
    body: AnswerStream,
) -> Result<AnswerBody, Failure> {
    let head = AnswerHead { answer: value.clone(), content_type: body.content_type.to_owned(), size: body.size };
    let content_type = head.content_type.clone();
    let mut source = Source { chunks: body.chunks, made: 0, announced: body.size, end: None };
    let sending = async {
        let mut piece = Chunks::default();
        source.gather(&mut piece).await;
        if matches!(source.end, Some(Ok(()))) && piece.len() <= INLINE {
            let base64 = Some(STANDARD.encode(piece.first(INLINE).concat()));
            return Ok(AnswerBody { size: source.made, content_type, base64, ..AnswerBody::default() });
        }
        let mut sender =
            Sender { shared, entry, head: serde_json::to_vec(&head).unwrap_or_default().into(), offset: 0 };
        while !piece.is_empty() {
            let mut next = Chunks::default();
            {
                let mut sent = std::pin::pin!(sender.send(piece));
                loop {
                    tokio::select! {
                        biased;
                        sent = &mut sent => break sent?,
                        () = source.more(&mut next), if next.len() < PIECE && source.end.is_none() => {}
                    }
                }
            }
            if next.is_empty() && source.end.is_none() {
                source.gather(&mut next).await;
            }
            piece = next;
        }
        match source.end {
            Some(Err(error)) => Err(broken(&error)),
            _ => Ok(AnswerBody { size: source.made, content_type, ..AnswerBody::default() }),
        }
    };
    tokio::select! {
        sent = sending => sent,
        () = entry.token.cancelled() => Err(Failure::new(ErrorCode::Cancelled, "the job was cancelled")),
    }
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(ErrorCode::Internal, format!("the answer broke off while it was made: {error}"))
}

/// Where the body is made.
struct Source {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    made: u64,
    announced: Option<u64>,
    end: Option<io::Result<()>>,
}

impl Source {
    /// Waits for bytes, and takes what else is at hand.
    async fn gather(&mut self, piece: &mut Chunks) {
        while piece.is_empty() && self.end.is_none() {
            self.more(piece).await;
        }
        while piece.len() < PIECE && self.end.is_none() {
            match self.chunks.try_recv() {
                Ok(chunk) => self.took(Some(chunk), piece),
                Err(mpsc::error::TryRecvError::Disconnected) => self.took(None, piece),
                Err(mpsc::error::TryRecvError::Empty) => return,
            }
        }
    }

    async fn more(&mut self, piece: &mut Chunks) {
        let chunk = self.chunks.recv().await;
        self.took(chunk, piece);
    }

    fn took(&mut self, chunk: Option<io::Result<Bytes>>, piece: &mut Chunks) {
        match chunk {
            Some(Ok(chunk)) => {
                self.made += chunk.len() as u64;
                piece.push(chunk);
            }
            Some(Err(error)) => self.end = Some(Err(error)),
            None if self.announced.is_some_and(|announced| announced != self.made) => {
                self.end = Some(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            None => self.end = Some(Ok(())),
        }
    }
}

/// Where it goes.
struct Sender<'a> {
    shared: &'a Shared,
    entry: &'a RunningJob,
    /// Sent along until it has arrived.
    head: Bytes,
    offset: u64,
}

impl Sender<'_> {
    /// Sends a piece until all of it has arrived.
    async fn send(&mut self, mut piece: Chunks) -> Result<(), Failure> {
        let mut backoff = Backoff::capped(self.shared.intervals.backoff.min(LONGEST_WAIT), LONGEST_WAIT);
        loop {
            let chunks = piece.first(usize::MAX);
            let (job_id, epoch) = (&self.entry.job_id, self.entry.epoch());
            let answer = self.shared.client.answer_piece(job_id, epoch, self.offset, &self.head, chunks).await;
            let error = match answer {
                Ok(next) => {
                    self.head = Bytes::new();
                    let arrived = next.checked_sub(self.offset).and_then(|bytes| usize::try_from(bytes).ok());
                    let Some(arrived) = arrived.filter(|arrived| *arrived <= piece.len()) else {
                        return Err(Failure::new(ErrorCode::Internal, "the gateway lost count of the answer"));
                    };
                    self.offset = next;
                    piece.forget(arrived);
                    if piece.is_empty() {
                        return Ok(());
                    }
                    if arrived > 0 {
                        backoff.reset();
                    }
                    continue;
                }
                Err(error) => error,
            };
            if error.conflict().is_some() {
                // Nobody reads on.
                self.entry.cancel("cancel_requested");
                return Err(Failure::new(ErrorCode::Cancelled, "the caller went away"));
            }
            self.refused(&error)?;
            tracing::debug!(job = %job_id, offset = self.offset, %error, "answer cut; going on");
            tokio::time::sleep(delay(&error, backoff.next_delay()).min(LONGEST_WAIT)).await;
        }
    }

    fn refused(&self, error: &CallError) -> Result<(), Failure> {
        self.shared.saw_error(error);
        if error.retry == crate::base::Retry::Never && !matches!(error.status(), Some(401 | 404 | 410)) {
            let message = format!("the gateway does not take the answer: {error}");
            return Err(Failure::new(ErrorCode::Internal, message));
        }
        Ok(())
    }
}
