//! The one trait behind every mount, and the words in which its errors are told.

use bytes::Bytes;
use std::io::{self, ErrorKind, Read};

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
}

/// What `stat` shows of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What is there.
    pub kind: Kind,
    /// Bytes of a file, length of a link's target.
    pub size: u64,
    /// Permission bits, e.g. `0o644`.
    pub mode: u32,
    /// Last change of the content, milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

/// One member of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the directory.
    pub name: String,
    /// What it is.
    pub metadata: Metadata,
}

/// What a refresh dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Contents of files.
    pub file_entries: u64,
    /// Listings and stats.
    pub index_entries: u64,
}

/// A mounted filesystem. Paths are relative to the mount, `/`-separated, without `.`, `..` and slashes at the ends; the
/// root is `""`. No method follows a symbolic link in the last component: links belong to the namespace, not to a mount.
///
/// Methods may block on I/O, so they are called from script threads and blocking tasks, never from a runtime's worker.
/// The errors are those of the kinds that POSIX would give.
pub trait Filesystem: Send + Sync {
    /// What is at `path`; a link is shown as a link.
    fn stat(&self, path: &str) -> io::Result<Metadata>;
    /// A file's bytes.
    fn read(&self, path: &str) -> io::Result<Bytes>;
    /// Creates a file or replaces its content; its mode stays.
    fn write(&self, path: &str, content: Bytes) -> io::Result<()>;
    /// Adds to a file's end, creating it when missing.
    fn append(&self, path: &str, content: &[u8]) -> io::Result<()>;
    /// A directory's members, in byte order of their names.
    fn list(&self, path: &str) -> io::Result<Vec<Entry>>;
    /// Creates one directory.
    fn make_dir(&self, path: &str) -> io::Result<()>;
    /// Takes away a file, a link or an empty directory.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// Takes away whatever is at `path` with everything below it.
    fn remove_all(&self, path: &str) -> io::Result<()>;
    /// Moves within this filesystem. Replaces a file, or an empty directory by a directory.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Creates a link at `link` with the text `target`.
    fn symlink(&self, target: &str, link: &str) -> io::Result<()>;
    /// A link's target, as written.
    fn read_link(&self, path: &str) -> io::Result<String>;
    /// Sets permission bits.
    fn set_mode(&self, path: &str, mode: u32) -> io::Result<()>;
    /// Sets the time of the last change.
    fn set_modified(&self, path: &str, unix_ms: i64) -> io::Result<()>;

    /// A file's bytes as a stream, for files that should not be held at once.
    fn open(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.read(path)?)))
    }

    /// Forgets what is cached of `path` and everything below it; the root means all. A filesystem without caches has nothing
    /// to forget. May block.
    fn refresh(&self, _path: &str) -> Refreshed {
        Refreshed::default()
    }

    /// At most `size` bytes of a file from `offset` on: fewer at its end, none behind it.
    fn read_at(&self, path: &str, offset: u64, size: u64) -> io::Result<Bytes> {
        let content = self.read(path)?;
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(content.len());
        Ok(content.slice(within(offset)..within(offset.saturating_add(size))))
    }

    /// Replaces bytes of a file that is there, from `offset` on. A gap behind its end is filled with zeroes.
    fn write_at(&self, path: &str, offset: u64, content: &[u8]) -> io::Result<()> {
        self.write(path, spliced(&self.read(path)?, offset, content)?)
    }

    /// Cuts a file that is there to `size` bytes, or extends it with zeroes.
    fn set_len(&self, path: &str, size: u64) -> io::Result<()> {
        self.write(path, resized(&self.read(path)?, size)?)
    }

    /// Whether links that leave the mount are refused: on the host they would mean another file than they do in here.
    fn confines_links(&self) -> bool {
        false
    }

    /// Bytes held in memory by this filesystem.
    fn bytes_held(&self) -> u64 {
        0
    }
}

/// `old` with `content` from `offset` on. The caller has seen to it that the result is not too large to be held.
pub fn spliced(old: &Bytes, offset: u64, content: &[u8]) -> io::Result<Bytes> {
    if content.is_empty() {
        return Ok(old.clone()); // as pwrite(2): no bytes do not extend the file
    }
    let start = usize::try_from(offset).map_err(|_| errno(ErrorKind::FileTooLarge))?;
    let end = start.checked_add(content.len()).ok_or_else(|| errno(ErrorKind::FileTooLarge))?;
    let mut bytes = Vec::with_capacity(old.len().max(end));
    bytes.extend_from_slice(old);
    bytes.resize(old.len().max(end), 0);
    bytes[start..end].copy_from_slice(content);
    Ok(bytes.into())
}

/// `old` with this length. The caller has seen to it that the result is not too large to be held.
pub fn resized(old: &Bytes, size: u64) -> io::Result<Bytes> {
    let size = usize::try_from(size).map_err(|_| errno(ErrorKind::FileTooLarge))?;
    if size <= old.len() {
        // A copy, so that what was cut off is not held.
        return Ok(Bytes::copy_from_slice(&old[..size]));
    }
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(old);
    bytes.resize(size, 0);
    Ok(bytes.into())
}

/// The error of this kind, in the words of GNU.
pub fn errno(kind: ErrorKind) -> io::Error {
    io::Error::new(kind, words(kind))
}

/// A host's error in the words of GNU: no `(os error 2)`, no host path.
pub(super) fn reworded(error: io::Error) -> io::Error {
    match (error.kind(), words(error.kind())) {
        (_, "") => io::Error::new(error.kind(), strip_os_error(&error.to_string())),
        (kind, words) => io::Error::new(kind, words),
    }
}

fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "No such file or directory",
        ErrorKind::PermissionDenied => "Permission denied",
        ErrorKind::AlreadyExists => "File exists",
        ErrorKind::NotADirectory => "Not a directory",
        ErrorKind::IsADirectory => "Is a directory",
        ErrorKind::DirectoryNotEmpty => "Directory not empty",
        ErrorKind::ReadOnlyFilesystem => "Read-only file system",
        ErrorKind::StorageFull => "No space left on device",
        ErrorKind::QuotaExceeded => "Disk quota exceeded",
        ErrorKind::FileTooLarge => "File too large",
        ErrorKind::InvalidInput => "Invalid argument",
        ErrorKind::InvalidFilename => "File name too long",
        ErrorKind::ResourceBusy => "Device or resource busy",
        ErrorKind::Unsupported => "Operation not supported",
        ErrorKind::CrossesDevices => "Invalid cross-device link",
        _ => "",
    }
}

fn strip_os_error(text: &str) -> String {
    text.split(" (os error").next().unwrap_or(text).to_owned()
}

/// Whether `path` is below `dir` and not `dir` itself; everything else is below the root.
pub fn is_below(path: &str, dir: &str) -> bool {
    match path.strip_prefix(dir) {
        Some(rest) if dir.is_empty() => !rest.is_empty(),
        Some(rest) => rest.starts_with('/'),
        None => false,
    }
}

/// The parent of a relative path; the root's is the root.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}
