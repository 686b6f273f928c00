//! An archive that came among other parts: the load can begin when all parameters are known, so it is kept until then. A short
//! one in memory, a longer one in a file that has no name and is gone with its last user, however that ends.

use crate::jobs::Upload;
use crate::wire::v1::http::PartSink;
use crate::wire::v1::{ErrorCode, Failure};
use bytes::{Buf as _, Bytes, BytesMut};
use std::fs::File;
use std::io::{self, BufReader, Seek as _};
use tokio::io::AsyncWriteExt as _;

/// The longest archive that stays in memory, bytes.
const SHORT: usize = 1 << 20;
/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// What has come.
#[derive(Default)]
pub(super) struct Spool {
    memory: BytesMut,
    file: Option<tokio::fs::File>,
}

impl PartSink for Spool {
    async fn write(&mut self, chunk: Bytes) -> Result<(), Failure> {
        if self.file.is_none() && self.memory.len() + chunk.len() <= SHORT {
            self.memory.extend_from_slice(&chunk);
            return Ok(());
        }
        self.append(&chunk).await.map_err(|error| failed(&error))
    }
}

impl Spool {
    /// All of it, from its beginning.
    ///
    /// # Errors
    /// [`ErrorCode::InsufficientStorage`] or [`ErrorCode::Internal`] when the host fails.
    pub(super) async fn into_archive(self) -> Result<Upload, Failure> {
        let Some(mut file) = self.file else { return Ok(Box::new(self.memory.freeze().reader())) };
        let whole = async {
            file.flush().await?;
            let mut file = file.into_std().await;
            file.rewind()?;
            Ok(BufReader::with_capacity(CHUNK, file))
        };
        Ok(Box::new(whole.await.map_err(|error: io::Error| failed(&error))?))
    }

    async fn append(&mut self, chunk: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other)??;
                let file = none.insert(File::into(file));
                file.write_all(&std::mem::take(&mut self.memory)).await?;
                file
            }
        };
        file.write_all(chunk).await
    }
}

/// What the host said may name paths, so it goes to the log and not to the caller.
fn failed(error: &io::Error) -> Failure {
    tracing::error!(%error, "an upload cannot be kept in the directory for temporary files");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let text = "the archive could not be kept: no space left on the machine's disk";
            Failure::new(ErrorCode::InsufficientStorage, text)
                .hint("an archive that is the whole body, as application/x-tar, is not kept")
        }
        _ => Failure::new(ErrorCode::Internal, "the archive could not be kept").hint("the node's log has more"),
    }
}
