//! A response's body into a file.

use super::error::{CliError, ExitKind};
use crate::client::Door;
use std::path::Path;

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
    let mut out = tokio::fs::File::from_std(temporary.reopen().map_err(|failed| cannot(&failed))?);
    let bar = super::progress::bytes("download", response.content_length());
    while let Some(chunk) = response.chunk().await.map_err(|failed| CliError::from(door.unreachable(&failed)))? {
        tokio::io::AsyncWriteExt::write_all(&mut out, &chunk).await.map_err(|failed| cannot(&failed))?;
        bar.inc(chunk.len() as u64);
    }
    tokio::io::AsyncWriteExt::flush(&mut out).await.map_err(|failed| cannot(&failed))?;
    let size = bar.position();
    bar.finish_and_clear();
    temporary.persist(file).map_err(|failed| cannot(&failed.error))?;
    Ok(size)
}
