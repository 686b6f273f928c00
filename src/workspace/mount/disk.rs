//! The `disk` filesystem: a host directory, reached only through a handle of it.
//!
//! Every path is resolved below the handle by the capability library, so `..`, absolute paths and links that leave the
//! directory are refused by construction, also when someone swaps a directory for a link meanwhile. Writing is in
//! place, as a shell's `>` does it: hard links, owners and modes of the host's files stay.

use super::filesystem::{Entry, Filesystem, Kind, Metadata, errno, reworded};
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::fs::FileTimes;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// A directory of the host.
pub struct DiskFilesystem {
    dir: Dir,
    max_file: u64,
}

impl DiskFilesystem {
    /// Opens `root`, when it is one of `allowed` or below one. Both sides are compared with their links resolved.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`] when it is not; else what opening the directory gave.
    pub fn open(root: &Path, allowed: &[PathBuf], max_file: u64) -> io::Result<Self> {
        let real = root.canonicalize().map_err(reworded)?;
        let is_allowed = |dir: &PathBuf| dir.canonicalize().is_ok_and(|dir| real.starts_with(dir));
        if !root.is_absolute() || !allowed.iter().any(is_allowed) {
            return Err(errno(ErrorKind::PermissionDenied));
        }
        let dir = Dir::open_ambient_dir(&real, ambient_authority()).map_err(reworded)?;
        Ok(Self { dir, max_file })
    }

    /// Refuses what is not a regular file: reading a pipe or a device of the host could block for ever.
    fn regular(&self, path: &str) -> io::Result<u64> {
        match self.stat(path)? {
            Metadata { kind: Kind::Directory, .. } => Err(errno(ErrorKind::IsADirectory)),
            Metadata { kind: Kind::Symlink, .. } => Err(errno(ErrorKind::NotFound)),
            Metadata { size, .. } if self.is_file(path) => Ok(size),
            Metadata { .. } => Err(errno(ErrorKind::PermissionDenied)),
        }
    }

    fn is_file(&self, path: &str) -> bool {
        self.dir.symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
    }

    fn fits(&self, size: u64) -> io::Result<()> {
        if size > self.max_file { Err(errno(ErrorKind::FileTooLarge)) } else { Ok(()) }
    }

    /// The size of the file to be written, 0 when it is new.
    fn writable(&self, path: &str) -> io::Result<u64> {
        match self.regular(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && self.read_link(path).is_err() => Ok(0),
            other => other,
        }
    }
}

impl Filesystem for DiskFilesystem {
    fn stat(&self, path: &str) -> io::Result<Metadata> {
        let metadata = if path.is_empty() { self.dir.dir_metadata() } else { self.dir.symlink_metadata(path) };
        metadata.map(|metadata| describe(&metadata)).map_err(reworded)
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        let size = self.regular(path)?;
        self.fits(size)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // A file that grows meanwhile must not get past the limit either.
        self.dir.open(path).and_then(|f| f.take(self.max_file + 1).read_to_end(&mut bytes)).map_err(reworded)?;
        self.fits(bytes.len() as u64)?;
        Ok(bytes.into())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        self.regular(path)?;
        Ok(Box::new(self.dir.open(path).map_err(reworded)?))
    }

    fn write(&self, path: &str, content: Bytes) -> io::Result<()> {
        self.writable(path)?;
        self.fits(content.len() as u64)?;
        self.dir.create(path).and_then(|mut file| file.write_all(&content)).map_err(reworded)
    }

    fn append(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let before = self.writable(path)?;
        self.fits(before + content.len() as u64)?;
        let file = self.dir.open_with(path, OpenOptions::new().append(true).create(true));
        file.and_then(|mut file| file.write_all(content)).map_err(reworded)
    }

    fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        if self.stat(path)?.kind != Kind::Directory {
            return Err(errno(ErrorKind::NotADirectory));
        }
        let listing = if path.is_empty() { self.dir.entries() } else { self.dir.read_dir(path) };
        let mut entries = Vec::new();
        for entry in listing.map_err(reworded)? {
            let entry = entry.map_err(reworded)?;
            // A name that is not UTF-8 cannot be said in here; one that went away meanwhile is not there.
            if let (Ok(name), Ok(metadata)) = (entry.file_name().into_string(), entry.metadata()) {
                entries.push(Entry { name, metadata: describe(&metadata) });
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        if path.is_empty() {
            return Err(errno(ErrorKind::AlreadyExists));
        }
        self.dir.create_dir(path).map_err(reworded)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match self.stat(path)?.kind {
            Kind::Directory => self.dir.remove_dir(path),
            Kind::File | Kind::Symlink => self.dir.remove_file(path),
        }
        .map_err(reworded)
    }

    fn remove_all(&self, path: &str) -> io::Result<()> {
        match self.stat(path)?.kind {
            Kind::Directory => self.dir.remove_dir_all(path),
            Kind::File | Kind::Symlink => self.dir.remove_file(path),
        }
        .map_err(reworded)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.dir.rename(from, &self.dir, to).map_err(reworded)
    }

    #[cfg(unix)]
    fn symlink(&self, target: &str, link: &str) -> io::Result<()> {
        self.dir.symlink(target, link).map_err(reworded)
    }

    #[cfg(not(unix))]
    fn symlink(&self, _: &str, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::Unsupported))
    }

    fn read_link(&self, path: &str) -> io::Result<String> {
        let target = self.dir.read_link_contents(path).map_err(reworded)?;
        target.into_os_string().into_string().map_err(|_| errno(ErrorKind::InvalidInput))
    }

    fn set_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        // setuid and its kin would mean something to the host that nobody in here may decide.
        set_mode(&self.dir, if path.is_empty() { "." } else { path }, mode & 0o777).map_err(reworded)
    }

    fn set_modified(&self, path: &str, unix_ms: i64) -> io::Result<()> {
        let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(unix_ms).unwrap_or_default());
        let times = FileTimes::new().set_modified(time);
        let file = match self.stat(path)?.kind {
            Kind::Directory if path.is_empty() => self.dir.try_clone().map(Dir::into_std_file),
            Kind::Directory => self.dir.open_dir(path).map(Dir::into_std_file),
            Kind::File => {
                self.regular(path)?;
                self.dir.open_with(path, OpenOptions::new().append(true)).map(cap_std::fs::File::into_std)
            }
            Kind::Symlink => return Ok(()),
        };
        file.and_then(|file| file.set_times(times)).map_err(reworded)
    }

    fn read_at(&self, path: &str, offset: u64, size: u64) -> io::Result<Bytes> {
        let length = self.regular(path)?;
        let size = size.min(length.saturating_sub(offset));
        self.fits(size)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        let mut file = self.dir.open(path).map_err(reworded)?;
        let read = file.seek(SeekFrom::Start(offset.min(length))).and_then(|_| file.take(size).read_to_end(&mut bytes));
        read.map_err(reworded)?;
        Ok(bytes.into())
    }

    fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        self.regular(path)?;
        if content.is_empty() {
            return Ok(());
        }
        self.fits(offset.saturating_add(content.len() as u64))?;
        let mut file = self.dir.open_with(path, OpenOptions::new().write(true)).map_err(reworded)?;
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(content)).map_err(reworded)
    }

    fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        if size > self.regular(path)? {
            self.fits(size)?;
        }
        let file = self.dir.open_with(path, OpenOptions::new().write(true));
        file.and_then(|file| file.set_len(size)).map_err(reworded)
    }

    fn confines_links(&self) -> bool {
        true
    }
}

fn describe(metadata: &cap_std::fs::Metadata) -> Metadata {
    let (kind, size) = if metadata.is_dir() {
        (Kind::Directory, 0)
    } else if metadata.is_symlink() {
        (Kind::Symlink, metadata.len())
    } else {
        (Kind::File, metadata.len())
    };
    let since_epoch = metadata.modified().ok().and_then(|time| time.into_std().duration_since(UNIX_EPOCH).ok());
    let modified_ms = since_epoch.and_then(|time| i64::try_from(time.as_millis()).ok()).unwrap_or_default();
    Metadata { kind, size, mode: mode(metadata), modified_ms }
}

#[cfg(unix)]
fn mode(metadata: &cap_std::fs::Metadata) -> u32 {
    use cap_std::fs::MetadataExt;
    metadata.mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(metadata: &cap_std::fs::Metadata) -> u32 {
    match (metadata.is_dir(), metadata.permissions().readonly()) {
        (true, _) => 0o755,
        (false, true) => 0o444,
        (false, false) => 0o644,
    }
}

#[cfg(unix)]
fn set_mode(dir: &Dir, path: &str, mode: u32) -> io::Result<()> {
    use cap_std::fs::{Permissions, PermissionsExt};
    dir.set_permissions(path, Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(dir: &Dir, path: &str, mode: u32) -> io::Result<()> {
    let mut permissions = dir.metadata(path)?.permissions();
    permissions.set_readonly(mode & 0o200 == 0);
    dir.set_permissions(path, permissions)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_outside_of_the_root() {
        let outer = tempfile::tempdir().unwrap();
        std::fs::write(outer.path().join("secret"), "s").unwrap();
        let root = outer.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        std::os::unix::fs::symlink(outer.path(), root.join("abs")).unwrap();
        std::os::unix::fs::symlink("../secret", root.join("file")).unwrap();
        let fs = DiskFilesystem::open(&root, &[outer.path().to_owned()], 100).unwrap();
        for path in ["../secret", "up/secret", "abs/secret", "file", "/etc/hostname"] {
            assert!(fs.read(path).is_err(), "{path}");
            assert!(fs.write(path, "x".into()).is_err(), "{path}");
            assert!(fs.append(path, b"x").is_err(), "{path}");
        }
        assert!(fs.rename("file", "../stolen").is_err());
        assert!(fs.remove_all("up/secret").is_err());
        fs.remove_all("up").unwrap();
        assert_eq!(std::fs::read_to_string(outer.path().join("secret")).unwrap(), "s");
    }

    #[test]
    fn only_allowed_roots_open() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let open = |root: &Path, allowed: &Path| DiskFilesystem::open(root, &[allowed.to_owned()], 100).map(drop);
        open(&inner, dir.path()).unwrap();
        assert_eq!(open(dir.path(), &inner).unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(open(&inner.join(".."), &inner).unwrap_err().kind(), ErrorKind::PermissionDenied);
        assert_eq!(open(&inner.join("no"), dir.path()).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_file_over_the_limit_is_refused_and_a_pipe_does_not_block() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("big"), "12345").unwrap();
        let fs = DiskFilesystem::open(dir.path(), &[dir.path().to_owned()], 4).unwrap();
        assert_eq!(fs.read("big").unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert_eq!(fs.append("big", b"x").unwrap_err().kind(), ErrorKind::FileTooLarge);
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        assert_eq!(fs.read("socket").unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}
