//! A response's body into a file.

use super::error::{CliError, ExitKind};
use crate::client::Door;
use bytes::Bytes;
use std::io::{self, Write};
use std::path::Path;

/// Pieces on their way to the file.
const AHEAD: usize = 8;

/// Says early when `file` cannot be written for want of a directory: before a job has run for it.
pub fn check_place(file: &Path) -> Result<(), CliError> {
    let dir = dir_of(file);
    if dir.is_dir() && !file.is_dir() {
        return Ok(());
    }
    let what = if file.is_dir() {
        format!("{} is a directory", file.display())
    } else {
        format!("there is no directory {}", dir.display())
    };
    Err(CliError::new(ExitKind::Usage, format!("cannot write {}: {what}", file.display())))
}

fn dir_of(file: &Path) -> &Path {
    file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a response's body to `file`, wholly or not at all: to a temporary file beside it, which then takes its name. Gives
/// the number of bytes.
pub async fn save(door: &Door, mut response: reqwest::Response, file: &Path) -> Result<u64, CliError> {
    let cannot = |failed: &dyn std::fmt::Display| {
        CliError::new(ExitKind::Failure, format!("cannot write {}: {failed}", file.display()))
    };
    let temporary = tempfile::NamedTempFile::new_in(dir_of(file)).map_err(|failed| cannot(&failed))?;
    let mut out = temporary.reopen().map_err(|failed| cannot(&failed))?;
    // Written beside the reading, as it comes: a copy less, and each waits for the other only when it is ahead.
    let (pieces, mut received) = tokio::sync::mpsc::channel::<Bytes>(AHEAD);
    let writing = tokio::task::spawn_blocking(move || -> io::Result<()> {
        while let Some(piece) = received.blocking_recv() {
            out.write_all(&piece)?;
        }
        Ok(())
    });
    let bar = super::progress::bytes("download", response.content_length());
    while let Some(chunk) = response.chunk().await.map_err(|failed| CliError::from(door.unreachable(&failed)))? {
        bar.inc(chunk.len() as u64);
        if pieces.send(chunk).await.is_err() {
            break;
        }
    }
    drop(pieces);
    writing.await.map_err(io::Error::other).flatten().map_err(|failed| cannot(&failed))?;
    let size = bar.position();
    bar.finish_and_clear();
    temporary.persist(file).map_err(|failed| cannot(&failed.error))?;
    Ok(size)
}
