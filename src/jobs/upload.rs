//! An archive that comes beside a request and is read while it comes.

use super::stop::Stop;
use crate::wire::v1::Failure;
use bytes::{Buf as _, Bytes};
use std::io::{self, BufRead, Read};
use tokio::sync::{mpsc, oneshot};

/// The archive of a `workspaces.load`. It is read once, on a thread that may block. An error ends the operation and leaves
/// nothing behind; an end is taken for the archive's, so what breaks off must be an error.
pub type Upload = Box<dyn BufRead + Send>;

/// An archive, until its caller no longer wants it.
pub(super) struct Stoppable<R> {
    pub(super) input: R,
    pub(super) stop: Stop,
}

impl<R: BufRead> Read for Stoppable<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        self.input.read(out)
    }
}

impl<R: BufRead> BufRead for Stoppable<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stop.check().map_err(io::Error::other)?;
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
    }
}

/// Chunks on their way to the reader.
const AHEAD: usize = 8;

/// A way from a body to a thread that may block. Nothing is held but a few chunks between the socket and its reader.
pub fn pipe() -> (Feeder, Pipe) {
    let (chunks, received) = mpsc::channel(AHEAD);
    let (want, wanted) = oneshot::channel();
    let pipe = Pipe { received, want: Some(want), waiting: Vec::new().into_iter(), chunk: Bytes::new(), ended: false };
    (Feeder { chunks, wanted }, pipe)
}

/// Where a body comes from.
pub trait Source: Send {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// When the body breaks off.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Failure>> + Send;
}

/// The end that is fed.
#[derive(Debug)]
pub struct Feeder {
    /// None is the body's end. Without it the body broke off.
    chunks: mpsc::Sender<Option<Bytes>>,
    wanted: oneshot::Receiver<()>,
}

impl Feeder {
    /// Feeds the body, from when the reader begins to when it needs no more.
    ///
    /// # Errors
    /// As [`Source::next`]; the reader then fails too.
    pub async fn feed(self, body: &mut impl Source) -> Result<(), Failure> {
        if self.wanted.await.is_err() {
            return Ok(());
        }
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.chunks.closed() => return Ok(()),
                chunk = body.next() => chunk?,
            };
            let last = chunk.is_none();
            if self.chunks.send(chunk).await.is_err() || last {
                return Ok(());
            }
        }
    }
}

/// The end that is read, by a thread that may block.
#[derive(Debug)]
pub struct Pipe {
    received: mpsc::Receiver<Option<Bytes>>,
    want: Option<oneshot::Sender<()>>,
    /// Chunks that have been received together.
    waiting: std::vec::IntoIter<Option<Bytes>>,
    chunk: Bytes,
    ended: bool,
}

impl BufRead for Pipe {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Some(want) = self.want.take() {
            // Nobody there any more: the channel says so too.
            let _ = want.send(());
        }
        while self.chunk.is_empty() && !self.ended {
            match self.waiting.next() {
                Some(Some(chunk)) => self.chunk = chunk,
                Some(None) => self.ended = true,
                None => {
                    let mut chunks = Vec::with_capacity(AHEAD);
                    if self.received.blocking_recv_many(&mut chunks, AHEAD) == 0 {
                        // The archive's fault, not the machine's.
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the upload broke off"));
                    }
                    self.waiting = chunks.into_iter();
                }
            }
        }
        Ok(&self.chunk)
    }

    fn consume(&mut self, amount: usize) {
        self.chunk.advance(amount);
    }
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let here = self.fill_buf()?;
        let read = here.len().min(out.len());
        out[..read].copy_from_slice(&here[..read]);
        self.consume(read);
        Ok(read)
    }
}
