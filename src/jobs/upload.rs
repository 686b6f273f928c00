//! An archive that comes beside a request and is read while it comes.

use super::stop::Stop;
use std::io::{self, BufRead, Read};

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
