//! A definition file and its directory, written and taken back.

use super::{Change, Entry, ServiceError, Step, StepKind, Undone};
use crate::base::{sha256_hex, write_atomic};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Writes a file whole; readable by everybody, as it holds no secret.
#[derive(Debug)]
pub(super) struct WriteFile {
    /// Where.
    pub path: PathBuf,
    /// Its text, for people.
    pub text: String,
    /// Its bytes, where they are not the text's.
    pub bytes: Vec<u8>,
}

impl Step for WriteFile {
    fn change(&self) -> Change {
        Change {
            kind: StepKind::File,
            what: format!("write {}", self.path.display()),
            content: Some(self.text.clone()),
            is_done: fs::read(&self.path).is_ok_and(|there| there == self.bytes),
        }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        let before = match fs::read(&self.path) {
            Ok(there) if there == self.bytes => return Ok(None),
            Ok(there) => String::from_utf8(there).ok(),
            Err(missing) if missing.kind() == ErrorKind::NotFound => None,
            Err(failed) => return Err(ServiceError::io(&self.path)(failed)),
        };
        write_atomic(&self.path, &self.bytes).map_err(ServiceError::io(&self.path))?;
        Ok(Some(Entry::File { path: self.path.clone(), sha256: sha256_hex(&self.bytes), before }))
    }

    fn claim(&self) -> Option<Entry> {
        Some(Entry::File { path: self.path.clone(), sha256: sha256_hex(&self.bytes), before: None })
    }
}

/// Makes a directory; its parent must be there.
#[derive(Debug)]
pub(super) struct MakeDirectory {
    /// Where.
    pub path: PathBuf,
}

impl Step for MakeDirectory {
    fn change(&self) -> Change {
        let what = format!("make the directory {}", self.path.display());
        Change { kind: StepKind::File, what, content: None, is_done: self.path.is_dir() }
    }

    fn apply(&self) -> Result<Option<Entry>, ServiceError> {
        match fs::create_dir(&self.path) {
            Ok(()) => Ok(Some(Entry::Directory { path: self.path.clone() })),
            Err(_) if self.path.is_dir() => Ok(None),
            Err(failed) => Err(ServiceError::io(&self.path)(failed)),
        }
    }
}

/// Takes a written file back: what was there before is there again. A file that has changed since is left.
///
/// # Errors
/// What the file system said.
pub(super) fn undo_file(path: &Path, sha256: &str, before: Option<&str>) -> Result<Undone, ServiceError> {
    let undone = |what: &str, left: Option<&str>| Undone {
        what: format!("{what} {}", path.display()),
        left: left.map(str::to_owned),
    };
    match fs::read(path) {
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(undone("already gone:", None)),
        Err(failed) => Err(ServiceError::io(path)(failed)),
        Ok(there) if sha256_hex(&there) != sha256 => Ok(undone("kept", Some("it was changed since the installation"))),
        Ok(_) => match before {
            Some(before) => {
                write_atomic(path, before.as_bytes()).map_err(ServiceError::io(path))?;
                Ok(undone("put back what was in", None))
            }
            None => {
                fs::remove_file(path).map_err(ServiceError::io(path))?;
                Ok(undone("removed", None))
            }
        },
    }
}

/// Takes a made directory back; one in which something is by now is left.
///
/// # Errors
/// What the file system said.
pub(super) fn undo_directory(path: &Path) -> Result<Undone, ServiceError> {
    let undone = |what: &str, left: Option<&str>| Undone {
        what: format!("{what} {}", path.display()),
        left: left.map(str::to_owned),
    };
    match fs::remove_dir(path) {
        Ok(()) => Ok(undone("removed", None)),
        Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(undone("already gone:", None)),
        Err(full) if full.kind() == ErrorKind::DirectoryNotEmpty => Ok(undone("kept", Some("it is not empty"))),
        Err(failed) => Err(ServiceError::io(path)(failed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_directories_are_made_once_and_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let directory = MakeDirectory { path: dir.path().join("agents") };
        assert!(directory.apply().unwrap().is_some());
        assert!(directory.change().is_done && directory.apply().unwrap().is_none());

        let path = directory.path.join("x.plist");
        let file = WriteFile { path: path.clone(), text: "new".to_owned(), bytes: b"new".to_vec() };
        let Some(Entry::File { sha256, before, .. }) = file.apply().unwrap() else { panic!("a file") };
        assert_eq!(before, None);
        assert!(file.change().is_done && file.apply().unwrap().is_none());

        assert!(undo_directory(&directory.path).unwrap().left.is_some());
        fs::write(&path, "mine").unwrap();
        assert!(undo_file(&path, &sha256, None).unwrap().left.is_some());
        fs::write(&path, "new").unwrap();
        undo_file(&path, &sha256, Some("old")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        fs::write(&path, "new").unwrap();
        for _ in 0..2 {
            assert_eq!(undo_file(&path, &sha256, None).unwrap().left, None);
        }
        for _ in 0..2 {
            assert_eq!(undo_directory(&directory.path).unwrap().left, None);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
