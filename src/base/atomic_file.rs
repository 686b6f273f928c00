//! Files that are either wholly old or wholly new, and private ones that nobody else can read.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Creates `dir` and its parents, each readable by the owner only (0700 on Unix), as the XDG specification asks for. Of
/// those that exist only `dir` itself is tightened.
///
/// # Errors
/// When the directory cannot be created or its mode cannot be set.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    set_mode(dir, 0o700)
}

/// Replaces `path` with `content`: a reader sees the old bytes or the new ones, also after a power cut.
///
/// # Errors
/// When the directory is missing, not writable or full. The old file is untouched then.
pub fn write_atomic(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content, None)
}

/// [`write_atomic`] for secrets: the file is 0600 from its first byte on.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    replace(path, content, Some(0o600))
}

/// Creates an empty file that is readable by the owner only; one that exists stays as it is.
///
/// # Errors
/// What the file system said.
pub(super) fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// Reads a private file and refuses one that others may read or write.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] naming the file, its mode and the `chmod` that mends it; else what reading gave.
pub fn read_private(path: &Path) -> io::Result<String> {
    let mode = mode(path)?;
    if mode & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            format!("{} holds a secret but has mode {mode:04o}: run `chmod 600 {}`", path.display(), path.display()),
        ));
    }
    fs::read_to_string(path)
}

fn replace(path: &Path, content: &[u8], mode: Option<u32>) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is created 0600, so a secret is never readable in between.
    let mut file = tempfile::Builder::new().prefix(".waypost-").tempfile_in(dir)?;
    file.write_all(content)?;
    set_mode(file.path(), mode.unwrap_or(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failed| failed.error)?;
    sync_dir(dir)
}

/// Makes the names in `dir` survive a power cut: what was created, renamed or removed in it before the call.
///
/// # Errors
/// When the directory cannot be opened or synced. Does nothing where directories cannot be synced (Windows: NTFS
/// journals the rename).
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(()) // profile directories are private to their user there
}

#[cfg(unix)]
fn mode(path: &Path) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(path: &Path) -> io::Result<u32> {
    fs::metadata(path).map(|_| 0o600)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_0600_and_a_looser_one_is_refused_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.key");
        write_private(&path, b"token\n").unwrap();
        assert_eq!(mode(&path).unwrap(), 0o600);
        assert_eq!(read_private(&path).unwrap(), "token\n");

        set_mode(&path, 0o640).unwrap();
        let refused = read_private(&path).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
    }

    #[test]
    fn every_new_directory_is_private_and_an_existing_parent_stays_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path().join("shared");
        fs::create_dir(&shared).unwrap();
        set_mode(&shared, 0o755).unwrap();
        create_private_dir(&shared.join("a/b")).unwrap();
        let modes = ["", "a", "a/b"].map(|name| mode(&shared.join(name)).unwrap());
        assert_eq!(modes, [0o755, 0o700, 0o700]);
    }

    #[test]
    fn a_replaced_file_leaves_no_temporary_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        write_atomic(&path, b"1").unwrap();
        write_atomic(&path, b"22").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"22");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
