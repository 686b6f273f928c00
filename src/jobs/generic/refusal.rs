//! Why something about a generic job is not done. Whoever asks over HTTP gets a status for it from `api`.

use crate::wire::node::generic::ValidationIssue;

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GenericRefusal {
    /// The job is wrong; all that is wrong with it.
    #[error("the job is not valid: {}", .0.first().map_or_else(String::new, |issue| format!("{}: {}", issue.path, issue.message)))]
    Invalid(Vec<ValidationIssue>),
    /// There is no such job, or it ended so long ago that it was forgotten.
    #[error("there is no such job on this node")]
    NotFound,
    /// It runs or waits.
    #[error("the job runs or waits already")]
    AlreadyRunning,
    /// It does not run.
    #[error("the job does not run")]
    NotRunning,
    /// It runs, but by another request or as another type.
    #[error("the job runs by another request")]
    OtherRequest,
    /// The key was used for another job.
    #[error("the idempotency key was used for another job")]
    IdempotencyConflict,
    /// The id was used for another job.
    #[error("the job id was used for another job")]
    JobIdConflict,
    /// It has not ended, or it ended well.
    #[error("{0}")]
    NotRetryable(&'static str),
    /// Whoever sent it may not use the runner that it needs.
    #[error("the token does not allow the runner {0}")]
    RunnerNotAllowed(String),
    /// Its permission was used before; only who gave it knows more.
    #[error("the permission was used before")]
    NotPermitted,
    /// All slots are taken.
    #[error("all slots for generic jobs are taken")]
    Busy,
    /// Too many wait.
    #[error("too many generic jobs wait already")]
    QueueFull,
    /// The node ends.
    #[error("the node is shutting down")]
    Draining,
    /// A file cannot be taken or given.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// Why a file cannot be taken or given. Never names a path of the host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ArtifactError {
    /// What is wrong.
    pub problem: ArtifactProblem,
    /// A sentence.
    pub message: String,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactProblem {
    /// Its path leads elsewhere.
    UnsafePath,
    /// Something is there already.
    Exists,
    /// It is not what its hash or length says.
    Mismatch,
    /// What was sent is not base64.
    NotBase64,
    /// It is longer than allowed.
    TooLarge,
    /// There is no room for it.
    Full,
    /// There is none, or it was kept long enough.
    NotFound,
    /// The host failed; its log has more.
    Storage,
}

impl ArtifactError {
    pub(super) fn new(problem: ArtifactProblem, message: impl Into<String>) -> Self {
        Self { problem, message: message.into() }
    }

    /// What the host said goes to the log, not to the caller.
    pub(super) fn of_host(error: &std::io::Error, what: &str) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound => Self::new(ArtifactProblem::NotFound, format!("{what}: there is no such file")),
            ErrorKind::AlreadyExists => Self::new(ArtifactProblem::Exists, format!("{what}: a file is there already")),
            ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::PermissionDenied => {
                Self::new(ArtifactProblem::UnsafePath, format!("{what}: the path is not allowed"))
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::new(ArtifactProblem::Full, format!("{what}: no space left on the machine's disk"))
            }
            _ => {
                tracing::error!(%error, what, "the store of artifacts fails");
                Self::new(ArtifactProblem::Storage, format!("{what}: the file cannot be kept; the node's log has more"))
            }
        }
    }
}
