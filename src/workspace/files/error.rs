//! What can go wrong with a file, under the names that every program knows.

use std::io::{self, ErrorKind};

/// The name of a file error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // POSIX documents them
pub enum Errno {
    ENOENT,
    EACCES,
    EPERM,
    EROFS,
    EEXIST,
    ENOTEMPTY,
    EBUSY,
    ENOTDIR,
    EISDIR,
    EINVAL,
    ELOOP,
    ENAMETOOLONG,
    EXDEV,
    EFBIG,
    ENOSPC,
    EDQUOT,
    ENOTSUP,
    E2BIG,
    ETIMEDOUT,
    EIO,
}

/// A direct call on a file failed and changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FileError {
    /// For programs.
    pub errno: Errno,
    /// The words of GNU, or more where there is more to say.
    pub message: String,
    /// The path that it is about, as it was given.
    pub path: String,
}

impl FileError {
    /// The error of this name, in the words of GNU.
    pub(super) fn new(errno: Errno, path: &str) -> Self {
        Self { errno, message: errno.words().to_owned(), path: path.to_owned() }
    }

    /// What a mount said about `path`.
    pub(super) fn of(error: &io::Error, path: &str) -> Self {
        Self { errno: Errno::of(error.kind()), message: error.to_string(), path: path.to_owned() }
    }
}

impl Errno {
    /// `ENOENT` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::ENOENT => "ENOENT",
            Self::EACCES => "EACCES",
            Self::EPERM => "EPERM",
            Self::EROFS => "EROFS",
            Self::EEXIST => "EEXIST",
            Self::ENOTEMPTY => "ENOTEMPTY",
            Self::EBUSY => "EBUSY",
            Self::ENOTDIR => "ENOTDIR",
            Self::EISDIR => "EISDIR",
            Self::EINVAL => "EINVAL",
            Self::ELOOP => "ELOOP",
            Self::ENAMETOOLONG => "ENAMETOOLONG",
            Self::EXDEV => "EXDEV",
            Self::EFBIG => "EFBIG",
            Self::ENOSPC => "ENOSPC",
            Self::EDQUOT => "EDQUOT",
            Self::ENOTSUP => "ENOTSUP",
            Self::E2BIG => "E2BIG",
            Self::ETIMEDOUT => "ETIMEDOUT",
            Self::EIO => "EIO",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::ENOENT => "No such file or directory",
            Self::EACCES => "Permission denied",
            Self::EPERM => "Operation not permitted",
            Self::EROFS => "Read-only file system",
            Self::EEXIST => "File exists",
            Self::ENOTEMPTY => "Directory not empty",
            Self::EBUSY => "Device or resource busy",
            Self::ENOTDIR => "Not a directory",
            Self::EISDIR => "Is a directory",
            Self::EINVAL => "Invalid argument",
            Self::ELOOP => "Too many levels of symbolic links",
            Self::ENAMETOOLONG => "File name too long",
            Self::EXDEV => "Invalid cross-device link",
            Self::EFBIG => "File too large",
            Self::ENOSPC => "No space left on device",
            Self::EDQUOT => "Disk quota exceeded",
            Self::ENOTSUP => "Operation not supported",
            Self::E2BIG => "Argument list too long",
            Self::ETIMEDOUT => "Connection timed out",
            Self::EIO => "Input/output error",
        }
    }

    fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::NotFound => Self::ENOENT,
            ErrorKind::PermissionDenied => Self::EACCES,
            ErrorKind::ReadOnlyFilesystem => Self::EROFS,
            ErrorKind::AlreadyExists => Self::EEXIST,
            ErrorKind::DirectoryNotEmpty => Self::ENOTEMPTY,
            ErrorKind::ResourceBusy => Self::EBUSY,
            ErrorKind::NotADirectory => Self::ENOTDIR,
            ErrorKind::IsADirectory => Self::EISDIR,
            ErrorKind::InvalidInput => Self::EINVAL,
            ErrorKind::InvalidFilename => Self::ENAMETOOLONG,
            ErrorKind::CrossesDevices => Self::EXDEV,
            ErrorKind::FileTooLarge => Self::EFBIG,
            ErrorKind::StorageFull => Self::ENOSPC,
            ErrorKind::QuotaExceeded => Self::EDQUOT,
            ErrorKind::Unsupported => Self::ENOTSUP,
            ErrorKind::TimedOut => Self::ETIMEDOUT,
            _ => Self::EIO,
        }
    }
}
