//! `/dev`: the few devices that scripts name. Reads of endless ones end, because the engine reads whole files.

use super::filesystem::{Entry, Filesystem, Kind, Metadata, errno};
use bytes::Bytes;
use std::io::{self, ErrorKind};

/// What one read of `/dev/zero` gives: enough for the block sizes that scripts use. Pages that nobody looks at cost nothing.
const ZEROES: usize = 64 << 20;
/// What one read of `/dev/urandom` gives.
const RANDOM: usize = 64 << 10;

const DEVICES: &[&str] = &["full", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"];

/// The devices. Standard streams and `/dev/fd/N` are answered by the engine before it comes here.
pub struct DevFilesystem;

impl DevFilesystem {
    fn known(path: &str) -> io::Result<()> {
        if DEVICES.contains(&path) { Ok(()) } else { Err(errno(ErrorKind::NotFound)) }
    }
}

impl Filesystem for DevFilesystem {
    fn stat(&self, path: &str) -> io::Result<Metadata> {
        if matches!(path, "" | "fd") {
            return Ok(Metadata { kind: Kind::Directory, size: 0, mode: 0o755, modified_ms: 0 });
        }
        Self::known(path)?;
        Ok(Metadata { kind: Kind::File, size: 0, mode: 0o666, modified_ms: 0 })
    }

    fn read(&self, path: &str) -> io::Result<Bytes> {
        match path {
            "" | "fd" => Err(errno(ErrorKind::IsADirectory)),
            "zero" | "full" => Ok(vec![0; ZEROES].into()),
            "random" | "urandom" => {
                let mut bytes = vec![0; RANDOM];
                rand::fill(&mut bytes[..]);
                Ok(bytes.into())
            }
            _ => Self::known(path).map(|()| Bytes::new()),
        }
    }

    fn write(&self, path: &str, _: Bytes) -> io::Result<()> {
        match path {
            "full" => Err(errno(ErrorKind::StorageFull)),
            _ => Self::known(path),
        }
    }

    fn append(&self, path: &str, _: &[u8]) -> io::Result<()> {
        self.write(path, Bytes::new())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Entry>> {
        match path {
            "" => {
                let entry = |name: &str| Ok(Entry { name: name.to_owned(), metadata: self.stat(name)? });
                DEVICES.iter().copied().map(entry).collect()
            }
            "fd" => Ok(Vec::new()),
            _ => Self::known(path).and(Err(errno(ErrorKind::NotADirectory))),
        }
    }

    fn make_dir(&self, path: &str) -> io::Result<()> {
        let exists = matches!(path, "" | "fd") || DEVICES.contains(&path);
        Err(errno(if exists { ErrorKind::AlreadyExists } else { ErrorKind::PermissionDenied }))
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::PermissionDenied))
    }

    fn remove_all(&self, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::PermissionDenied))
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::PermissionDenied))
    }

    fn symlink(&self, _: &str, _: &str) -> io::Result<()> {
        Err(errno(ErrorKind::PermissionDenied))
    }

    fn read_link(&self, path: &str) -> io::Result<String> {
        self.stat(path)?;
        Err(errno(ErrorKind::InvalidInput))
    }

    fn set_mode(&self, _: &str, _: u32) -> io::Result<()> {
        Err(errno(ErrorKind::PermissionDenied))
    }

    fn set_modified(&self, path: &str, _: i64) -> io::Result<()> {
        self.stat(path).map(drop)
    }
}
