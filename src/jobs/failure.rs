//! What goes wrong below, in the words and codes of `/v1`. The only place that does this.

use crate::wire::v1::{ErrorCode, Failure};
use crate::workspace::{Errno, Error, FileError, VersionsError};
use std::error::Error as StdError;
use std::io::ErrorKind;

/// How remote mounts are allowed.
pub(super) const ALLOW_REMOTE: &str =
    "the owner of the machine can allow a host: `waypost daemon start` and `waypost node run` take --allow-remote HOST";

/// How mounts of the host's directories are allowed.
pub(super) const ALLOW_DISK: &str = "the owner of the machine can allow a directory: `waypost daemon start` and `waypost node run` take --allow-disk DIR";

/// How archives of more files are allowed.
const MAX_FILES: &str = "nothing of the archive was loaded; the owner of the machine can allow more: `waypost daemon start` and `waypost node run` take --max-files N";

/// A request that cannot be meant.
pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, message)
}

/// A failure of the workspace engine.
pub(super) fn workspace(error: Error) -> Failure {
    let message = error.to_string();
    let failure = |code| Failure::new(code, message.clone());
    match error {
        Error::NotFound { id } => failure(ErrorCode::WorkspaceNotFound)
            .hint(format!("there is no workspace '{id}'; workspaces.list names those that exist")),
        Error::Exists { .. } => {
            failure(ErrorCode::AlreadyExists).hint("take another id, or leave it out to get a new one")
        }
        Error::InvalidId { .. } | Error::InvalidConfig { .. } => failure(ErrorCode::InvalidRequest),
        Error::SessionNotFound { id } => failure(ErrorCode::SessionNotFound)
            .hint(format!("there is no session '{id}' in the workspace; sessions.create makes one")),
        Error::SessionExists { .. } => failure(ErrorCode::AlreadyExists),
        Error::Conflict { .. } => failure(ErrorCode::Conflict),
        Error::Refused { rule, .. } => failure(ErrorCode::RefusedByPolicy).hint(match rule {
            "allow_remote" => ALLOW_REMOTE,
            _ => ALLOW_DISK,
        }),
        Error::BadArchive { .. } => failure(ErrorCode::InvalidRequest).hint("nothing of the archive was loaded"),
        Error::TooMany { .. } => failure(ErrorCode::PayloadTooLarge).hint(MAX_FILES),
        Error::TooLarge { .. } => failure(ErrorCode::PayloadTooLarge),
        Error::File(error) => direct_call(&error),
        Error::Cancelled => failure(ErrorCode::Cancelled),
        Error::Store(error) => host(&error, "the change could not be kept"),
        Error::Io { source, .. } => host(&source, "the machine failed at a file or a thread"),
    }
}

/// A failure of what keeps versions.
pub(super) fn versions(error: VersionsError) -> Failure {
    let message = error.to_string();
    let failure = |code| Failure::new(code, message.clone());
    match error {
        VersionsError::NoBranch { .. } | VersionsError::BranchNotFound { .. } => failure(ErrorCode::VersionNotFound),
        VersionsError::VersionNotFound { .. } => failure(ErrorCode::VersionNotFound)
            .hint("give a branch, a version's id, or at least four digits that only one id begins with"),
        VersionsError::BranchExists { .. } => failure(ErrorCode::AlreadyExists),
        VersionsError::BranchConflict { .. } | VersionsError::Moved { .. } | VersionsError::Unreadable { .. } => {
            failure(ErrorCode::Conflict)
        }
        VersionsError::InvalidBranch { .. } => failure(ErrorCode::InvalidRequest)
            .hint("a branch's name is what `git check-ref-format --branch` takes, e.g. feature/x, and no version's id"),
        VersionsError::InvalidMessage => failure(ErrorCode::InvalidRequest),
        VersionsError::TooLarge { .. } => failure(ErrorCode::PayloadTooLarge),
        VersionsError::Unusable { .. } => {
            tracing::error!(%error, "versions cannot be used");
            failure(ErrorCode::Conflict)
        }
        VersionsError::Host { .. } => host(&error, "the versions cannot be kept or read"),
    }
}

/// A failure of a direct call on a file.
fn direct_call(error: &FileError) -> Failure {
    let code = match error.errno {
        Errno::ENOENT => ErrorCode::FileNotFound,
        Errno::EACCES | Errno::EPERM | Errno::EROFS => ErrorCode::FileForbidden,
        Errno::EEXIST | Errno::ENOTEMPTY | Errno::EBUSY => ErrorCode::FileConflict,
        _ => ErrorCode::FileError,
    };
    Failure::new(code, error.message.clone())
        .errno(error.errno.name())
        .hint(format!("the path: {}", shortened(&error.path)))
}

/// A path from outside may be very long and hold anything.
fn shortened(path: &str) -> String {
    const MOST: usize = 200;
    let shown: String = path.chars().take(MOST).collect();
    format!("{shown:?}{}", if shown.len() < path.len() { "…" } else { "" })
}

/// A failure of the table of jobs.
pub(super) fn database(error: &sqlx::Error) -> Failure {
    host(error, "the table of jobs cannot be used")
}

/// A failure of the host at a file that the caller named.
pub(super) fn file(error: &std::io::Error, given: &str) -> Failure {
    let told = |code, words: &str| Failure::new(code, format!("{given}: {words}"));
    match error.kind() {
        ErrorKind::NotFound => told(ErrorCode::InvalidRequest, "No such file or directory"),
        ErrorKind::NotADirectory => told(ErrorCode::InvalidRequest, "Not a directory"),
        ErrorKind::IsADirectory => told(ErrorCode::InvalidRequest, "Is a directory"),
        ErrorKind::InvalidFilename => told(ErrorCode::InvalidRequest, "File name too long"),
        ErrorKind::PermissionDenied => told(ErrorCode::Forbidden, "Permission denied"),
        ErrorKind::ReadOnlyFilesystem => told(ErrorCode::Forbidden, "Read-only file system"),
        _ => host(error, &format!("the machine failed at {given}")),
    }
}

/// A failure of a task, i.e. a bug of ours.
pub(super) fn task(error: &tokio::task::JoinError) -> Failure {
    tracing::error!(%error, "an operation did not end as it should");
    Failure::new(ErrorCode::Internal, "internal error").hint("the node's log has more")
}

/// A failure of the host. What it said may name paths, so it goes to the log and not to the caller.
fn host(error: &(dyn StdError + 'static), what: &str) -> Failure {
    tracing::error!(error = %chain(error), "{what}");
    if is_full(error) {
        return Failure::new(ErrorCode::InsufficientStorage, format!("{what}: no space left on the machine's disk"));
    }
    Failure::new(ErrorCode::Internal, what).hint("the node's log has more")
}

fn is_full(error: &(dyn StdError + 'static)) -> bool {
    const SQLITE_FULL: &str = "13";
    causes(error).any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let database = cause.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        matches!(io, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded))
            || database.is_some_and(|error| error.code().as_deref() == Some(SQLITE_FULL))
    })
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
