//! When a caller wants an operation to end: because it says so, or because its time is over.

use super::RunContext;
use crate::wire::v1::{ErrorCode, Failure};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The caller's two reasons to end an operation early.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    cancel: CancellationToken,
    deadline: Option<Instant>,
}

impl Stop {
    /// What a context asks for, counted from now.
    pub(super) fn of(context: &RunContext) -> Self {
        let deadline = context.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self { cancel: context.cancel.clone(), deadline }
    }

    /// The caller's own way to end it.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// How long it may still take.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether it should have ended.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.cancel.is_cancelled() {
            return Err(cancelled());
        }
        if self.left() == Some(Duration::ZERO) {
            return Err(timed_out());
        }
        Ok(())
    }

    /// Returns when it should end, with the reason.
    pub(super) async fn reached(&self) -> Failure {
        tokio::select! {
            () = self.cancel.cancelled() => cancelled(),
            () = out_of_time(self.deadline) => timed_out(),
        }
    }

    /// When its time is over.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

/// Returns at the deadline; never without one.
pub(super) async fn out_of_time(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn cancelled() -> Failure {
    Failure::new(ErrorCode::Cancelled, "canceled before it was done")
}

fn timed_out() -> Failure {
    Failure::new(ErrorCode::TimedOut, "timed out before it was done")
}
