//! What a killed process left of an archive that it was writing: found by its name, its age and that nobody holds it.

use cap_std::fs::{Dir, DirEntry, File};
use std::io;
use std::time::Duration;

const START: &str = ".waypost-";
const END: &str = ".tmp";

/// Younger ones stay: somebody may be between creating and holding one.
const AGE: Duration = Duration::from_secs(60);

/// A name for an archive until it is whole.
pub(super) fn name() -> String {
    format!("{START}{:016x}{END}", rand::random::<u64>())
}

/// Holds a file as long as it is open, so that no other process takes it for a leftover. Where the file system has no
/// locks, its age is all there is.
pub(super) fn hold(file: &std::fs::File) {
    let _ = file.try_lock();
}

/// Removes the leftovers in a directory. That one cannot be removed is no reason not to write another archive.
pub(super) fn sweep(dir: &Dir) {
    for entry in dir.entries().into_iter().flatten().flatten() {
        if let Err(error) = remove_if_left(dir, &entry) {
            tracing::warn!(name = ?entry.file_name(), %error, "the rest of an archive that was not finished stays");
        }
    }
}

fn remove_if_left(dir: &Dir, entry: &DirEntry) -> io::Result<()> {
    let name = entry.file_name();
    let is_ours = name.to_str().is_some_and(|name| name.starts_with(START) && name.ends_with(END));
    if !is_ours || !entry.file_type()?.is_file() {
        return Ok(());
    }
    let age = entry.metadata()?.modified()?.into_std().elapsed().unwrap_or_default();
    let is_held = |file: File| matches!(file.into_std().try_lock(), Err(std::fs::TryLockError::WouldBlock));
    if age < AGE || is_held(dir.open(&name)?) {
        return Ok(());
    }
    tracing::info!(?name, "the rest of an archive that a killed process did not finish is removed");
    dir.remove_file(&name)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use cap_std::ambient_authority;
    use std::fs;
    use std::time::SystemTime;

    #[test]
    fn what_is_old_and_held_by_nobody_goes() {
        let temp = tempfile::tempdir().unwrap();
        let file = |name: &str, age: u64| {
            let file = fs::File::create(temp.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
            file
        };
        let (left, held, young) = (name(), name(), name());
        drop(file(&left, 3600));
        let holding = file(&held, 3600);
        hold(&holding);
        drop(file(&young, 1));
        drop(file("notes.tmp", 3600));
        sweep(&Dir::open_ambient_dir(temp.path(), ambient_authority()).unwrap());
        let there = |name: &str| temp.path().join(name).exists();
        assert_eq!([there(&left), there(&held), there(&young), there("notes.tmp")], [false, true, true, true]);
    }
}
