//! Why a call failed, and whether the same call may be made again. Decided here once, never from text.

use crate::base::Retry;

/// A call that failed. Holds no credential: every text in it went through redaction.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{call}: {kind}")]
pub struct CallError {
    /// Which call.
    pub call: &'static str,
    /// What went wrong.
    pub kind: CallErrorKind,
    /// Whether to try again.
    pub retry: Retry,
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallErrorKind {
    /// No connection, or one that broke.
    #[error("{problem}")]
    Transport {
        /// Whether no connection came about at all, so that the peer cannot have seen the request.
        connect: bool,
        /// The innermost cause, which is what says "connection refused".
        problem: String,
    },
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// 401: the credential is not, or no longer, good.
    #[error("the gateway does not accept the credential (401){}", says(message))]
    Unauthorized {
        /// What the gateway says.
        message: String,
        /// Whether the answer is JSON, as a gateway's is; something in between, such as a proxy, answers otherwise.
        by_gateway: bool,
    },
    /// 410: the node was removed from the gateway.
    #[error("the node was removed from the gateway (410){}", says(message))]
    Gone {
        /// What the gateway says.
        message: String,
        /// The error code in the body, when there is one.
        code: Option<String>,
    },
    /// Another status that is not a success.
    #[error("the gateway answered {status}{}{}", code.as_deref().map(|code| format!(" {code}")).unwrap_or_default(), says(message))]
    Status {
        /// The HTTP status.
        status: u16,
        /// The error code in the body, when there is one.
        code: Option<String>,
        /// The sentence in the body, or its beginning.
        message: String,
    },
    /// A success whose body is not what it should be. It may come from something in between.
    #[error("the answer ({status}) is not what it should be: {problem}")]
    Undecodable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        problem: String,
    },
    /// The node's own side failed, e.g. a file could not be read.
    #[error("{problem}")]
    Local {
        /// What failed.
        problem: String,
    },
}

impl CallError {
    /// The error code in the body of a 409, e.g. `lease_stale`; empty when it had none.
    pub fn conflict(&self) -> Option<&str> {
        match &self.kind {
            CallErrorKind::Status { status: 409, code, .. } => Some(code.as_deref().unwrap_or("")),
            _ => None,
        }
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            CallErrorKind::Unauthorized { .. } => Some(401),
            CallErrorKind::Gone { .. } => Some(410),
            CallErrorKind::Status { status, .. } | CallErrorKind::Undecodable { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the gateway was not reached at all, or did not answer.
    pub fn is_transport(&self) -> bool {
        matches!(self.kind, CallErrorKind::Transport { .. } | CallErrorKind::Timeout)
    }

    /// Whether no connection came about.
    pub fn is_connect(&self) -> bool {
        matches!(self.kind, CallErrorKind::Transport { connect: true, .. })
    }
}

fn says(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
