//! Which log files there are.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The daily files `waypost.<date>.log` of a directory, oldest first; their dates sort by name. No directory: no files.
///
/// # Errors
/// What the file system said.
pub fn log_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(missing) if missing.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(failed) => return Err(failed),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with("waypost.") && name.ends_with(".log")) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
