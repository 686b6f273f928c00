//! One process per home: the second refuses to start instead of working under the same name.

use super::{Home, StateError};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

/// The right to be the node of a home. The operating system takes it back when the process ends, however it ends.
#[derive(Debug)]
pub struct InstanceLock {
    // Held, not read.
    _file: LockFile,
}

impl InstanceLock {
    /// Takes the lock and writes this process's id into the file.
    ///
    /// # Errors
    /// [`StateError::AlreadyRunning`] naming the home and the other process, or what the file system said.
    pub fn acquire(home: &Home) -> Result<Self, StateError> {
        match LockFile::acquire(&home.lock())? {
            Ok(file) => Ok(Self { _file: file }),
            Err(pid) => Err(StateError::AlreadyRunning { home: home.root().to_owned(), pid }),
        }
    }

    /// Whether a process is the node of this home, and which.
    ///
    /// # Errors
    /// What the file system said.
    pub fn holder(home: &Home) -> Result<Option<u32>, StateError> {
        let path = home.lock();
        if !path.exists() {
            return Ok(None);
        }
        let mut file = open(&path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(pid(&mut file).unwrap_or(0))),
            Err(TryLockError::Error(failed)) => Err(StateError::io(&path)(failed)),
        }
    }
}

/// A locked file that names the process that holds it.
#[derive(Debug)]
pub struct LockFile {
    // Held, not read: closing it releases the lock.
    _file: File,
}

impl LockFile {
    /// Takes the lock and writes this process's id into the file; else the other process, when it said so.
    ///
    /// # Errors
    /// What the file system said.
    pub fn acquire(path: &Path) -> Result<Result<Self, Option<u32>>, StateError> {
        let mut file = open(path)?;
        // `holder` takes a shared lock for an instant; that must not pass for a running process.
        for tries_left in (0..10).rev() {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries_left > 0 => std::thread::sleep(Duration::from_millis(5)),
                Err(TryLockError::WouldBlock) => return Ok(Err(pid(&mut file))),
                Err(TryLockError::Error(failed)) => return Err(StateError::io(path)(failed)),
            }
        }
        let written =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(StateError::io(path))?;
        Ok(Ok(Self { _file: file }))
    }
}

fn open(path: &Path) -> Result<File, StateError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StateError::io(path))
}

fn pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_holder_is_told_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        assert_eq!(InstanceLock::holder(&home).unwrap(), None);

        let lock = InstanceLock::acquire(&home).unwrap();
        assert_eq!(InstanceLock::holder(&home).unwrap(), Some(std::process::id()));
        let refused = InstanceLock::acquire(&home).unwrap_err().to_string();
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        assert!(refused.contains(&home.root().display().to_string()), "{refused}");

        drop(lock);
        // A process that another test is starting in this moment has a copy of the file until it is another program.
        let begun = std::time::Instant::now();
        while InstanceLock::holder(&home).unwrap().is_some() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "the lock is never given back");
            std::thread::yield_now();
        }
        InstanceLock::acquire(&home).unwrap();
    }
}
