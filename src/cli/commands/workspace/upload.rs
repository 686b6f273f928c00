//! A file on its way to a server, with a progress bar.

use crate::cli::error::{CliError, ExitKind};
use crate::cli::progress;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use indicatif::ProgressBar;
use std::io;
use std::path::Path;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

/// How much is read at a time, bytes.
const PIECE: usize = 256 << 10;

/// What is sent, its length if known, and the bar that moves with it.
pub struct Upload {
    source: Box<dyn AsyncRead + Send + Sync + Unpin>,
    /// Bytes.
    pub size: Option<u64>,
    /// To be cleared when the answer is there.
    pub bar: ProgressBar,
}

impl Upload {
    /// Opens a file; `-` is standard input.
    pub async fn open(file: &Path) -> Result<Self, CliError> {
        let cannot = |why: String| CliError::new(ExitKind::Usage, format!("cannot read {}: {why}", file.display()));
        if file.as_os_str() == "-" {
            if io::IsTerminal::is_terminal(&io::stdin()) {
                return Err(cannot("standard input is a terminal, and an archive is wanted".to_owned()));
            }
            let bar = progress::bytes("upload", None);
            return Ok(Self { source: Box::new(tokio::io::stdin()), size: None, bar });
        }
        let source = tokio::fs::File::open(file).await.map_err(|failed| cannot(failed.to_string()))?;
        let about = source.metadata().await.map_err(|failed| cannot(failed.to_string()))?;
        if about.is_dir() {
            return Err(cannot("it is a directory".to_owned())
                .hint(format!("pack it first: `tar -C {0} -cf - . | waypost workspace load -`", file.display())));
        }
        // A pipe has no length.
        let size = about.is_file().then_some(about.len());
        Ok(Self { source: Box::new(source), size, bar: progress::bytes("upload", size) })
    }

    /// The bytes.
    pub fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
        let bar = self.bar;
        ReaderStream::with_capacity(self.source, PIECE).inspect(move |piece| {
            if let Ok(piece) = piece {
                bar.inc(piece.len() as u64);
            }
        })
    }
}
