//! Directories that hold secrets: nobody but the owner may enter them.

use super::StateError;
use crate::base::create_private_dir;
use std::path::Path;

/// Creates what is missing of `dir`, 0700. A directory that others may enter is tightened while it is empty and refused when
/// it is not: it may be one that the owner shares on purpose.
///
/// # Errors
/// [`StateError::LooseDirectory`], or what the file system said.
pub fn private_dir(dir: &Path) -> Result<(), StateError> {
    refuse_loose(dir)?;
    create_private_dir(dir).map_err(StateError::io(dir))
}

#[cfg(unix)]
fn refuse_loose(dir: &Path) -> Result<(), StateError> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(meta) = std::fs::metadata(dir) else { return Ok(()) };
    let mode = meta.permissions().mode() & 0o7777;
    let empty = std::fs::read_dir(dir).map_err(StateError::io(dir))?.next().is_none();
    if mode & 0o077 != 0 && !empty {
        return Err(StateError::LooseDirectory { path: dir.to_owned(), mode });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_loose(_: &Path) -> Result<(), StateError> {
    Ok(())
}
