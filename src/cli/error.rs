//! What a command fails with: a kind that becomes the exit code, a sentence, and the way out.

use crate::base::Retry;
use crate::wire::v1::{ErrorCode, Failure, Problem};
use std::fmt;

/// Why the program ended. The number is the exit code; numbers are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitKind {
    /// Something failed that no other code names.
    Failure = 1,
    /// The command line is wrong; or the server refused a command that existing clients have.
    Usage = 2,
    /// The node is not running.
    NotRunning = 3,
    /// The node is not set up.
    NotSetUp = 4,
    /// A key or token is missing, unknown, expired or revoked, or may not do this.
    Unauthorized = 5,
    /// The gateway or node cannot be reached.
    Unreachable = 6,
    /// A setting, an address or a file of the state directory cannot be used.
    Config = 7,
    /// The owner's policy refused it.
    Refused = 8,
    /// It took longer than allowed.
    Timeout = 9,
    /// `doctor` found something that works but should be looked at.
    DoctorWarnings = 10,
    /// `doctor` found something that does not work.
    DoctorErrors = 11,
    /// Another process holds this node's state, or a newer instance took over.
    Superseded = 12,
    /// What was asked for does not exist.
    NotFound = 13,
    /// A job was lost: nobody knows how it ended.
    Lost = 14,
    /// Try again later.
    Temporary = 75,
    /// Interrupted.
    Interrupted = 130,
}

impl ExitKind {
    /// All kinds, for the reference.
    pub const ALL: [Self; 16] = [
        Self::Failure,
        Self::Usage,
        Self::NotRunning,
        Self::NotSetUp,
        Self::Unauthorized,
        Self::Unreachable,
        Self::Config,
        Self::Refused,
        Self::Timeout,
        Self::DoctorWarnings,
        Self::DoctorErrors,
        Self::Superseded,
        Self::NotFound,
        Self::Lost,
        Self::Temporary,
        Self::Interrupted,
    ];

    /// The exit code.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// One line for the reference.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Failure => "something failed that no other code names",
            Self::Usage => {
                "the command line or a file that it names is wrong; or the server refused a workspace command"
            }
            Self::NotRunning => "the node is not running",
            Self::NotSetUp => "the node is not set up",
            Self::Unauthorized => "a key or token is missing, unknown, expired or revoked, or may not do this",
            Self::Unreachable => "the gateway or node cannot be reached",
            Self::Config => "a setting, an address or a file of the state directory cannot be used",
            Self::Refused => "the owner's policy refused it",
            Self::Timeout => "it took longer than allowed",
            Self::DoctorWarnings => "`doctor` found something that works but should be looked at",
            Self::DoctorErrors => "`doctor` found something that does not work",
            Self::Superseded => "another process holds this node's state, or a newer instance took over",
            Self::NotFound => "what was asked for does not exist",
            Self::Lost => "a job was lost: nobody knows how it ended",
            Self::Temporary => "try again later",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A command's failure.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    message: String,
    hints: Vec<String>,
    code: Option<&'static str>,
}

impl CliError {
    /// A failure of a kind with its sentence.
    pub fn new(kind: ExitKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), code: None }
    }

    /// The same with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// What it becomes as an exit code.
    pub fn kind(&self) -> ExitKind {
        self.kind
    }

    /// The ways out.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The server's word for it, for programs, when a server said it.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// The same as another kind.
    #[must_use]
    pub fn of_kind(self, kind: ExitKind) -> Self {
        Self { kind, ..self }
    }

    /// From a failure that a door or a node gave.
    pub fn from_failure(failure: &Failure) -> Self {
        let kind = kind_of(failure.code);
        let error = Self { code: Some(failure.code.as_str()), ..Self::new(kind, failure.message.clone()) };
        match &failure.hint {
            Some(hint) => error.hint(hint.clone()),
            None => error,
        }
    }

    /// From a problem body; its request id becomes a hint when the fault is ours.
    pub fn from_problem(problem: &Problem) -> Self {
        let hint = way_out(problem.code).map(str::to_owned).or_else(|| problem.hint.clone());
        let failure =
            Failure { code: problem.code, message: problem.detail.clone(), hint, errno: problem.errno.clone() };
        let error = Self::from_failure(&failure);
        if problem.code == ErrorCode::Internal && !problem.request_id.is_empty() {
            return error.hint(format!("the server's log has more under request {}", problem.request_id));
        }
        error
    }

    /// From a call that got no answer.
    pub fn unreachable(url: &str, reason: impl fmt::Display) -> Self {
        Self::new(ExitKind::Unreachable, format!("{url} cannot be reached: {reason}"))
    }

    /// Whether the same command may succeed later.
    pub fn retry(&self) -> Retry {
        match self.kind {
            ExitKind::Temporary | ExitKind::Unreachable => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}

/// The way out as a command, where a door can only name its own routes and headers.
fn way_out(code: ErrorCode) -> Option<&'static str> {
    match code {
        ErrorCode::Unauthorized => Some("give a key or token that this door knows, with WAYPOST_TOKEN or --token"),
        ErrorCode::WorkspaceNotFound => Some("`waypost workspace list` shows the workspaces"),
        ErrorCode::SessionNotFound => Some("`waypost session list WORKSPACE` shows the sessions"),
        ErrorCode::NodeNotFound => Some("`waypost gateway node list` shows the nodes"),
        ErrorCode::NodeUnreachable => Some("`waypost gateway node list` shows how the nodes are"),
        ErrorCode::JobNotFound => {
            Some("`waypost job list` shows the jobs; those that ended are forgotten after a while")
        }
        _ => None,
    }
}

/// The exit code that a door's error code becomes.
pub fn kind_of(code: ErrorCode) -> ExitKind {
    match code {
        ErrorCode::Unauthorized
        | ErrorCode::Forbidden
        | ErrorCode::TokenExpired
        | ErrorCode::TokenUsed
        | ErrorCode::TokenMisplaced
        | ErrorCode::BodyMismatch => ExitKind::Unauthorized,
        ErrorCode::RefusedByPolicy => ExitKind::Refused,
        ErrorCode::NotFound
        | ErrorCode::WorkspaceNotFound
        | ErrorCode::SessionNotFound
        | ErrorCode::JobNotFound
        | ErrorCode::NodeNotFound
        | ErrorCode::FileNotFound => ExitKind::NotFound,
        ErrorCode::InvalidRequest | ErrorCode::InvalidJson | ErrorCode::MethodNotAllowed => ExitKind::Usage,
        ErrorCode::TimedOut => ExitKind::Timeout,
        ErrorCode::Cancelled => ExitKind::Interrupted,
        ErrorCode::Lost => ExitKind::Lost,
        ErrorCode::NodeUnreachable => ExitKind::Unreachable,
        ErrorCode::Draining | ErrorCode::TooManyRequests | ErrorCode::InsufficientStorage => ExitKind::Temporary,
        ErrorCode::InstanceSuperseded => ExitKind::Superseded,
        _ => ExitKind::Failure,
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}
