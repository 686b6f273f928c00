//! Makes new objects survive a power cut before anything refers to them.

use super::refs::Synced;
use gix::ObjectId;
use std::io;
use std::path::Path;

/// Syncs what was written below `objects`, the directory of a repository's objects. `new` are the loose objects among it.
/// Returns whether everything else that was written before is synced with it.
///
/// # Errors
/// What the host said.
#[cfg(target_os = "linux")]
pub(super) fn objects(objects: &Path, new: &[ObjectId]) -> io::Result<Synced> {
    // One call for all of them: a first commit may have ten thousand.
    if !new.is_empty() {
        rustix::fs::syncfs(std::fs::File::open(objects)?)?;
    }
    Ok(if new.is_empty() { Synced::No } else { Synced::Yes })
}

/// Syncs what was written below `objects`, the directory of a repository's objects. `new` are the loose objects among it.
/// Returns whether everything else that was written before is synced with it.
///
/// # Errors
/// What the host said.
#[cfg(not(target_os = "linux"))]
pub(super) fn objects(objects: &Path, new: &[ObjectId]) -> io::Result<Synced> {
    let mut dirs = std::collections::BTreeSet::new();
    for id in new {
        let hex = id.to_hex().to_string();
        let dir = objects.join(&hex[..2]);
        // Objects are read-only files, and Windows syncs no file that it may not write.
        #[cfg(unix)]
        std::fs::File::open(dir.join(&hex[2..]))?.sync_all()?;
        dirs.insert(dir);
    }
    for dir in dirs.iter().map(|dir| &**dir).chain((!new.is_empty()).then_some(objects)) {
        crate::base::sync_dir(dir)?;
    }
    Ok(Synced::No)
}
