//! Versions that nobody keeps: a directory among the system's temporary ones, and the end of those that killed processes
//! left there.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const PREFIX: &str = "waypost-versions-";
/// The file in it that its process holds. The name is no workspace's.
const LOCK: &str = "~lock";
/// Younger ones stay: their process may not hold them yet.
const AGE: Duration = Duration::from_secs(60);

/// A directory that is gone with this value, or when the next one is made.
#[derive(Debug)]
pub(super) struct Temporary {
    pub(super) dir: TempDir,
    _lock: File,
}

impl Temporary {
    /// Makes one in `parent`.
    ///
    /// # Errors
    /// What the host said.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        for entry in fs::read_dir(parent)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PREFIX) && is_left(&entry) {
                // What cannot be removed is somebody else's, or gone by now.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = File::create(dir.path().join(LOCK))?;
        if let Err(TryLockError::Error(error)) = lock.try_lock() {
            tracing::debug!(%error, "temporary files cannot be locked");
        }
        Ok(Self { dir, _lock: lock })
    }
}

fn is_left(entry: &fs::DirEntry) -> bool {
    let old = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
    let is_held = || match File::open(entry.path().join(LOCK)) {
        Ok(lock) => lock.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    old.is_some_and(|age| age > AGE) && !is_held()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn those_of_killed_processes_go_and_those_in_use_stay() {
        let parent = tempfile::tempdir().unwrap();
        let age = |path: &Path| File::open(path).unwrap().set_modified(SystemTime::now() - 2 * AGE).unwrap();
        let used = Temporary::make(parent.path()).unwrap();
        let left = parent.path().join("waypost-versions-left");
        fs::create_dir_all(left.join("w")).unwrap();
        File::create(left.join(LOCK)).unwrap();
        [used.dir.path(), &left].into_iter().for_each(age);
        let young = parent.path().join("waypost-versions-young");
        fs::create_dir(&young).unwrap();
        drop(Temporary::make(parent.path()).unwrap());
        assert_eq!([used.dir.path().exists(), left.exists(), young.exists()], [true, false, true]);
    }
}
