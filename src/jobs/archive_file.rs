//! Archives on the node's own host, below the directories that its owner opened for them.
//!
//! A path is resolved twice: first with its links, to see which directory it is really in, and then below a handle of
//! that directory, so that a link that somebody puts there meanwhile leads nowhere else. Everything here blocks.

use super::{archive_leftovers as leftovers, failure};
use crate::wire::v1::{ErrorCode, Failure};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions};
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Where the magic word of a tar is.
const MAGIC: std::ops::Range<usize> = 257..262;

/// A place for an archive, below one of the owner's directories.
pub(super) struct Place {
    /// The path as the caller wrote it, for errors.
    given: String,
    /// The allowed directory, its links resolved.
    root: PathBuf,
    /// The directory of the archive, below `root`; it may not exist yet.
    dir: PathBuf,
    name: OsString,
    /// Every allowed directory, for links that lead from one to another.
    roots: Vec<PathBuf>,
}

/// An archive that is being written. Until [`NewArchive::finish`] nobody sees it, and without that it never was.
pub(super) struct NewArchive {
    dir: Dir,
    file: std::fs::File,
    temporary: Option<String>,
    name: OsString,
}

impl Place {
    /// Where `given` is, when that is below one of `roots`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] when it is not.
    pub(super) fn locate(roots: &[PathBuf], given: &str) -> Result<Self, Failure> {
        let roots: Vec<(&PathBuf, PathBuf)> =
            roots.iter().filter_map(|root| Some((root, root.canonicalize().ok()?))).collect();
        let Some((first, _)) = roots.first() else {
            return Err(Failure::new(ErrorCode::InvalidRequest, "the directory for archives does not exist")
                .hint("the owner of the machine can create it, or name another with `--allow-files DIR`"));
        };
        let escapes = || {
            Failure::new(ErrorCode::InvalidRequest, format!("path escapes the configured root: {given}"))
                .hint("archives are allowed only below the directories that the owner of the machine named with `--allow-files DIR`")
        };
        if given.contains('\0') {
            return Err(Failure::new(ErrorCode::InvalidRequest, "path: holds a NUL"));
        }
        let plain = without_dots(&first.join(given)).ok_or_else(escapes)?;
        if !roots.iter().any(|(written, real)| plain.starts_with(written) || plain.starts_with(real)) {
            return Err(escapes());
        }
        if roots.iter().any(|(written, real)| plain == **written || plain == *real) {
            return Err(directory(given));
        }
        let (Some(parent), Some(name)) = (plain.parent(), plain.file_name()) else { return Err(directory(given)) };
        let dir = real(parent).map_err(|error| failure::file(&error, given))?;
        let roots: Vec<PathBuf> = roots.into_iter().map(|(_, real)| real).collect();
        let root = roots.iter().find(|root| dir.starts_with(root)).ok_or_else(escapes)?.clone();
        Ok(Self { given: given.to_owned(), root, dir, name: name.to_owned(), roots })
    }

    /// Where the archive is or will be, absolute.
    pub(super) fn path(&self) -> PathBuf {
        self.dir.join(&self.name)
    }

    /// Begins an archive here, with the directories on the way. One that is here already is replaced at the end; anything
    /// else is not.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] for a directory, [`ErrorCode::Conflict`] for a file that is no archive, and what the
    /// host said.
    pub(super) fn create(&self) -> Result<NewArchive, Failure> {
        let failed = |error: io::Error| failure::file(&error, &self.given);
        let dir = self.open_dir(true).map_err(failed)?;
        self.refuse_to_replace(&dir)?;
        leftovers::sweep(&dir);
        let temporary = leftovers::name();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = dir.open_with(&temporary, &options).map_err(failed)?.into_std();
        leftovers::hold(&file);
        Ok(NewArchive { dir, file, temporary: Some(temporary), name: self.name.clone() })
    }

    /// Opens the archive that is here, and gives its length.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] when there is none, and what the host said.
    pub(super) fn open(&self) -> Result<(File, u64), Failure> {
        let missing = || Failure::new(ErrorCode::InvalidRequest, format!("snapshot not found: {}", self.given));
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => missing(),
            _ => failure::file(&error, &self.given),
        };
        // The name itself may be a link, to anywhere that is allowed.
        let path = self.path().canonicalize().map_err(failed)?;
        let Some(root) = self.roots.iter().find(|root| path.starts_with(root)) else {
            let text = format!("path escapes the configured root: {}", self.given);
            return Err(Failure::new(ErrorCode::InvalidRequest, text));
        };
        let below = path.strip_prefix(root).unwrap_or(&path);
        if below.as_os_str().is_empty() {
            return Err(directory(&self.given));
        }
        let dir = Dir::open_ambient_dir(root, ambient_authority()).map_err(failed)?;
        let metadata = dir.symlink_metadata(below).map_err(failed)?;
        if metadata.is_dir() {
            return Err(directory(&self.given));
        }
        if !metadata.is_file() {
            // Opening a pipe would wait for a writer.
            return Err(Failure::new(ErrorCode::InvalidRequest, format!("{} is not a regular file", self.given)));
        }
        Ok((dir.open(below).map_err(failed)?, metadata.len()))
    }

    fn open_dir(&self, create: bool) -> io::Result<Dir> {
        let root = Dir::open_ambient_dir(&self.root, ambient_authority())?;
        let below = self.dir.strip_prefix(&self.root).unwrap_or(&self.dir);
        if below.as_os_str().is_empty() {
            return Ok(root);
        }
        if create {
            root.create_dir_all(below).map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
                _ => error,
            })?;
        }
        root.open_dir(below)
    }

    fn refuse_to_replace(&self, dir: &Dir) -> Result<(), Failure> {
        let Ok(there) = dir.symlink_metadata(&self.name) else { return Ok(()) };
        if there.is_dir() {
            return Err(directory(&self.given));
        }
        if there.is_symlink() || (there.is_file() && is_tar(dir, &self.name)) {
            return Ok(());
        }
        Err(Failure::new(ErrorCode::Conflict, format!("{} exists and is not an archive: it is kept", self.given))
            .hint("take another path, or remove the file first"))
    }
}

impl NewArchive {
    /// Shows the archive under its name, in one step; it survives a power cut from then on. Gives its length.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.file.sync_all()?;
        let size = self.file.metadata()?.len();
        if let Some(temporary) = &self.temporary {
            self.dir.rename(temporary, &self.dir, &self.name)?;
        }
        self.temporary = None;
        #[cfg(unix)]
        self.dir.open(".")?.sync_all()?; // the handle itself may be one for names only
        Ok(size)
    }
}

impl Write for NewArchive {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewArchive {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary
            && let Err(error) = self.dir.remove_file(temporary)
        {
            tracing::warn!(temporary, %error, "the rest of an archive that was not finished stays");
        }
    }
}

fn directory(given: &str) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, format!("path is a directory: {given}"))
}

/// Whether the file may be replaced by an archive: it is one, or empty.
fn is_tar(dir: &Dir, name: &OsStr) -> bool {
    let mut start = Vec::with_capacity(MAGIC.end);
    let read = dir.open(name).and_then(|file| file.take(MAGIC.end as u64).read_to_end(&mut start));
    read.is_ok() && (start.is_empty() || start.get(MAGIC) == Some(b"ustar"))
}

/// The path without `.` and `..`; none when it climbs over the root.
fn without_dots(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if !plain.pop() => return None,
            Component::ParentDir => {}
            other => plain.push(other),
        }
    }
    Some(plain)
}

/// The directory with its links resolved, as far as it exists.
fn real(dir: &Path) -> io::Result<PathBuf> {
    let mut missing = Vec::new();
    let mut existing = dir;
    loop {
        match existing.canonicalize() {
            Ok(real) => return Ok(missing.iter().rev().fold(real, |path, name| path.join(name))),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else { return Err(error) };
                missing.push(name);
                existing = parent;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn message(result: Result<impl Sized, Failure>) -> String {
        result.err().expect("a refusal").message
    }

    #[test]
    fn a_path_is_below_a_root_or_refused_whatever_links_say() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let (root, outside) = (base.join("root"), base.join("outside"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&outside).unwrap();
        symlink(&outside, root.join("out")).unwrap();
        symlink(root.join("real"), root.join("alias")).unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(outside.join("secret"), "x").unwrap();
        symlink(outside.join("secret"), root.join("link.tar")).unwrap();
        let roots = [root.clone()];
        for bad in ["../x.tar", "/etc/x.tar", "out/x.tar", "a/../../x.tar", "/../../x.tar"] {
            assert!(message(Place::locate(&roots, bad)).starts_with("path escapes the configured root: "), "{bad}");
        }
        let link = Place::locate(&roots, "link.tar").unwrap();
        assert!(message(link.open()).starts_with("path escapes"), "a link out is not followed");
        let good = Place::locate(&roots, "./a/b/../x.tar").unwrap();
        assert_eq!(good.path(), root.join("a/x.tar"));
        assert_eq!(Place::locate(&roots, "alias/x.tar").unwrap().path(), root.join("real/x.tar"));
        assert_eq!(message(good.open()), "snapshot not found: ./a/b/../x.tar");
        assert!(message(Place::locate(&roots, "").and_then(|place| place.create())).contains("directory"));
        assert!(Place::locate(&["/".into()], root.join("x.tar").to_str().unwrap()).is_ok());
    }

    #[test]
    fn an_archive_appears_whole_private_and_never_in_the_place_of_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let roots = [root.clone()];
        let place = Place::locate(&roots, "new/x.tar").unwrap();
        drop(place.create().unwrap());
        assert_eq!(fs::read_dir(root.join("new")).unwrap().count(), 0, "an unfinished archive stays");
        let mut archive = place.create().unwrap();
        archive.write_all(&tar::Header::new_ustar().as_bytes()[..]).unwrap();
        assert!(!root.join("new/x.tar").exists());
        assert_eq!(archive.finish().unwrap(), 512);
        let mode = fs::metadata(root.join("new/x.tar")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(place.open().unwrap().1, 512);
        drop(place.create().expect("an archive is replaced"));
        fs::write(root.join("notes"), "mine").unwrap();
        assert!(message(Place::locate(&roots, "notes").unwrap().create()).contains("not an archive"));
        assert!(message(Place::locate(&roots, "new").unwrap().create()).contains("directory"));
        assert!(message(Place::locate(&roots, "new").unwrap().open()).contains("directory"));
    }
}
