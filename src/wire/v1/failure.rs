//! What a failure looks like, on `/v1`, in a job and in a result: a code that programs read, a sentence that people read,
//! and the way out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every error code, with its HTTP status. Codes are never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request's form is wrong.
    InvalidRequest,
    /// The body is not JSON.
    InvalidJson,
    /// No credential, or one that is not known, expired, used up or revoked.
    Unauthorized,
    /// A signed token whose time is over.
    TokenExpired,
    /// A signed token that was used before: each is good for one request.
    TokenUsed,
    /// A signed token for another node, or for another request.
    TokenMisplaced,
    /// A signed token for another body.
    BodyMismatch,
    /// The credential does not allow this.
    Forbidden,
    /// The owner of the machine does not allow this.
    RefusedByPolicy,
    /// No such route.
    NotFound,
    /// No such workspace.
    WorkspaceNotFound,
    /// No such session.
    SessionNotFound,
    /// No such job.
    JobNotFound,
    /// No such node.
    NodeNotFound,
    /// No such version, or no such branch.
    VersionNotFound,
    /// The route exists with another method.
    MethodNotAllowed,
    /// The state of things does not allow it.
    Conflict,
    /// The id is taken.
    AlreadyExists,
    /// A newer attempt or another node holds the job.
    LeaseStale,
    /// A newer instance of the same node took over.
    InstanceSuperseded,
    /// The node was removed from this gateway.
    NodeRemoved,
    /// The body is larger than the limit.
    PayloadTooLarge,
    /// The body's media type is not understood.
    UnsupportedMediaType,
    /// An idempotency key was used with another request.
    IdempotencyMismatch,
    /// This version cannot do it.
    UnsupportedOperation,
    /// Too many requests; try again later.
    TooManyRequests,
    /// The caller asked for the end.
    Cancelled,
    /// It took longer than allowed.
    TimedOut,
    /// Nobody knows how it ended.
    Lost,
    /// The node is not there to do it.
    NodeUnreachable,
    /// The node takes nothing new.
    Draining,
    /// The disk is full or another host limit is reached.
    InsufficientStorage,
    /// A direct file call: nothing is at the path.
    FileNotFound,
    /// A direct file call: the mount is read-only, or not for this session.
    FileForbidden,
    /// A direct file call: what is at the path is in the way.
    FileConflict,
    /// A direct file call failed otherwise; `errno` says how.
    FileError,
    /// A fault of ours; the log has more under the request id.
    #[serde(other)]
    Internal,
}

impl ErrorCode {
    /// Every code, for the reference.
    pub const ALL: [Self; 37] = [
        Self::InvalidRequest,
        Self::InvalidJson,
        Self::Unauthorized,
        Self::TokenExpired,
        Self::TokenUsed,
        Self::TokenMisplaced,
        Self::BodyMismatch,
        Self::Forbidden,
        Self::RefusedByPolicy,
        Self::NotFound,
        Self::WorkspaceNotFound,
        Self::SessionNotFound,
        Self::JobNotFound,
        Self::NodeNotFound,
        Self::VersionNotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::AlreadyExists,
        Self::LeaseStale,
        Self::InstanceSuperseded,
        Self::NodeRemoved,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::IdempotencyMismatch,
        Self::UnsupportedOperation,
        Self::TooManyRequests,
        Self::Cancelled,
        Self::TimedOut,
        Self::Lost,
        Self::NodeUnreachable,
        Self::Draining,
        Self::InsufficientStorage,
        Self::FileNotFound,
        Self::FileForbidden,
        Self::FileConflict,
        Self::FileError,
        Self::Internal,
    ];

    /// The HTTP status at every door.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::InvalidJson | Self::FileError => 400,
            Self::Unauthorized | Self::TokenExpired | Self::TokenUsed => 401,
            Self::Forbidden
            | Self::RefusedByPolicy
            | Self::FileForbidden
            | Self::TokenMisplaced
            | Self::BodyMismatch => 403,
            Self::NotFound
            | Self::WorkspaceNotFound
            | Self::SessionNotFound
            | Self::JobNotFound
            | Self::NodeNotFound
            | Self::VersionNotFound
            | Self::FileNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::AlreadyExists | Self::LeaseStale | Self::InstanceSuperseded | Self::FileConflict => {
                409
            }
            Self::NodeRemoved => 410,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::IdempotencyMismatch => 422,
            Self::TooManyRequests => 429,
            Self::Cancelled => 499,
            Self::Internal => 500,
            Self::UnsupportedOperation => 501,
            Self::Lost => 502,
            Self::NodeUnreachable | Self::Draining => 503,
            Self::TimedOut => 504,
            Self::InsufficientStorage => 507,
        }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidJson => "invalid_json",
            Self::Unauthorized => "unauthorized",
            Self::TokenExpired => "token_expired",
            Self::TokenUsed => "token_used",
            Self::TokenMisplaced => "token_misplaced",
            Self::BodyMismatch => "body_mismatch",
            Self::Forbidden => "forbidden",
            Self::RefusedByPolicy => "refused_by_policy",
            Self::NotFound => "not_found",
            Self::WorkspaceNotFound => "workspace_not_found",
            Self::SessionNotFound => "session_not_found",
            Self::JobNotFound => "job_not_found",
            Self::NodeNotFound => "node_not_found",
            Self::VersionNotFound => "version_not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::AlreadyExists => "already_exists",
            Self::LeaseStale => "lease_stale",
            Self::InstanceSuperseded => "instance_superseded",
            Self::NodeRemoved => "node_removed",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::UnsupportedOperation => "unsupported_operation",
            Self::TooManyRequests => "too_many_requests",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Lost => "lost",
            Self::NodeUnreachable => "node_unreachable",
            Self::Draining => "draining",
            Self::InsufficientStorage => "insufficient_storage",
            Self::FileNotFound => "file_not_found",
            Self::FileForbidden => "file_forbidden",
            Self::FileConflict => "file_conflict",
            Self::FileError => "file_error",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request may succeed later.
    pub fn retryable(self) -> bool {
        matches!(self, Self::TooManyRequests | Self::NodeUnreachable | Self::Draining | Self::InsufficientStorage)
    }
}

/// A failure. Never holds a secret or a path of the host that the caller did not name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// For people: names the thing.
    pub message: String,
    /// For people: the way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// For programs that know files: the error's name, e.g. `ENOENT`. Only of direct file calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<String>,
}

impl Failure {
    /// A failure without a hint.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, errno: None }
    }

    /// The same with the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the name of a file error.
    #[must_use]
    pub fn errno(mut self, errno: impl Into<String>) -> Self {
        self.errno = Some(errno.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// A failure as an HTTP body, `application/problem+json`. `detail` is the field that existing clients read; `error` and
/// `message` are those that mswarm clients read.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The sentence.
    pub detail: String,
    /// The name of a file error, e.g. `ENOENT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errno: Option<String>,
    /// `about:blank#<code>`.
    #[serde(rename = "type", default)]
    pub type_uri: String,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// For programs.
    pub code: ErrorCode,
    /// The way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether the same request may succeed later.
    #[serde(default)]
    pub retryable: bool,
    /// Where the log has more.
    #[serde(default)]
    pub request_id: String,
}

impl Problem {
    /// The body for a failure.
    pub fn new(failure: &Failure, request_id: &str) -> Self {
        Self {
            detail: shown(&failure.message),
            errno: failure.errno.clone(),
            type_uri: format!("about:blank#{}", failure.code.as_str()),
            status: failure.code.status(),
            code: failure.code,
            hint: failure.hint.as_deref().map(shown),
            retryable: failure.code.retryable(),
            request_id: request_id.to_owned(),
        }
    }
}

/// The most characters of a sentence: what is wrong with a long name is said by its beginning.
const LONGEST: usize = 1500;

/// A sentence that names what a caller or an archive wrote, so that it neither steers a terminal nor fills a log.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    for letter in text.chars().take(LONGEST) {
        if letter.is_control() { shown.extend(letter.escape_default()) } else { shown.push(letter) }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_one_line_of_text_that_is_not_too_long() {
        let detail = |message: &str| Problem::new(&Failure::new(ErrorCode::InvalidRequest, message), "r").detail;
        assert_eq!(detail("invalid id: 'ä\u{1b}[2J\0\n\u{9b}'"), "invalid id: 'ä\\u{1b}[2J\\u{0}\\n\\u{9b}'");
        assert!(detail(&"x".repeat(1 << 20)).len() < 2000);
    }
}
