//! Walking a path step by step, and never over a link.

use crate::jobs::generic::check::is_safe_path;
use crate::jobs::generic::refusal::{ArtifactError, ArtifactProblem};
use cap_std::fs::{Dir, File, OpenOptions};
use std::io::{self, ErrorKind};

/// The directory in which `path` is or will be, and its name there.
pub(super) fn parent<'a>(dir: &Dir, path: &'a str, create: bool) -> io::Result<(Dir, &'a str)> {
    let (parents, name) = path.rsplit_once('/').map_or((None, path), |(parents, name)| (Some(parents), name));
    let mut dir = dir.try_clone()?;
    for part in parents.into_iter().flat_map(|parents| parents.split('/')) {
        match dir.symlink_metadata(part) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return Err(ErrorKind::NotADirectory.into()),
            Err(missing) if create && missing.kind() == ErrorKind::NotFound => dir.create_dir(part)?,
            Err(failed) => return Err(failed),
        }
        dir = dir.open_dir(part)?;
    }
    Ok((dir, name))
}

/// The regular file at `path`, and its length.
pub(super) fn open(dir: &Dir, path: &str) -> io::Result<(File, cap_std::fs::Metadata)> {
    let (dir, name) = parent(dir, path, false)?;
    let there = dir.symlink_metadata(name)?;
    if !there.is_file() {
        // Links, pipes and devices: opening them could lead elsewhere or wait.
        return Err(ErrorKind::PermissionDenied.into());
    }
    let file = dir.open(name)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// A new file at `path`, which must not be there yet, readable by the owner only.
pub(super) fn create(dir: &Dir, path: &str) -> io::Result<File> {
    let (dir, name) = parent(dir, path, true)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    dir.open_with(name, &options)
}

/// # Errors
/// [`ArtifactProblem::UnsafePath`].
pub(super) fn must_be_safe(path: &str) -> Result<(), ArtifactError> {
    if is_safe_path(path) {
        return Ok(());
    }
    let text = "the path must be relative, with / and without ..";
    Err(ArtifactError::new(ArtifactProblem::UnsafePath, text))
}
