//! The archive on disk: new, whole, and readable by its owner only.

use super::Part;
use crate::cli::error::{CliError, ExitKind};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Nothing is overwritten: it may be the archive of the day on which it went wrong.
///
/// # Errors
/// When there is something at that path.
pub fn refuse_existing(file: &Path) -> Result<(), CliError> {
    match file.symlink_metadata() {
        Ok(_) => Err(exists(file)),
        Err(_) => Ok(()),
    }
}

/// What is in the archive, one line each.
pub fn list(parts: &[Part]) -> String {
    let longest = parts.iter().map(|part| part.name.len()).max().unwrap_or_default();
    let line = |part: &Part| format!("  {:longest$}  {:>8} bytes  {}", part.name, part.content.len(), part.what);
    parts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Writes the archive.
///
/// # Errors
/// When it cannot be written or something came to be at its path; nothing is left then.
pub fn write(file: &Path, parts: &[Part]) -> Result<(), CliError> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |failed: io::Error| CliError::new(ExitKind::Failure, format!("{}: {failed}", file.display()));
    let mut temporary = NamedTempFile::new_in(dir).map_err(failed)?; // 0600
    pack(temporary.as_file_mut(), parts).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    match temporary.persist_noclobber(file) {
        Ok(_) => Ok(()),
        Err(there) if there.error.kind() == io::ErrorKind::AlreadyExists => Err(exists(file)),
        Err(other) => Err(failed(other.error)),
    }
}

fn pack(file: impl Write, parts: &[Part]) -> io::Result<()> {
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::default()));
    let now = u64::try_from(crate::base::unix_ms() / 1000).unwrap_or_default();
    for part in parts {
        let mut header = tar::Header::new_gnu();
        header.set_size(part.content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(now);
        archive.append_data(&mut header, format!("waypost-doctor/{}", part.name), part.content.as_bytes())?;
    }
    archive.into_inner()?.finish()?.flush()
}

fn exists(file: &Path) -> CliError {
    CliError::new(ExitKind::Usage, format!("{} exists already", file.display()))
        .hint("choose another name, or remove it")
}
