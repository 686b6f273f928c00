//! Whether to try again, decided once where the failure is seen.

use std::time::Duration;

/// What a failed call may do next. Decided from a status, a timeout or the transport's kind of failure, never from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same call would fail again.
    Never,
    /// The peer asked to wait this long.
    After(Duration),
    /// Try again with growing delays.
    Backoff,
}

impl Retry {
    /// The rule for an HTTP status: 408, 425, 429 and 5xx pass; the rest is final.
    pub fn for_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            408 | 425 | 429 | 500..=599 => retry_after.map_or(Self::Backoff, Self::After),
            _ => Self::Never,
        }
    }
}
