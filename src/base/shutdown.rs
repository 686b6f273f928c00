//! How a role is told to end: first to drain, then to abort.

use tokio_util::sync::CancellationToken;

/// Two steps towards the end, shared by everything that runs. The first signal drains: no new work, finish the rest. The
/// second aborts what still runs. Aborting implies draining.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    abort: CancellationToken,
}

impl Shutdown {
    /// Nothing asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next step: drain, then abort. Returns what is now in force.
    pub fn advance(&self) -> &'static str {
        if self.drain.is_cancelled() {
            self.abort.cancel();
            "abort"
        } else {
            self.drain.cancel();
            "drain"
        }
    }

    /// Both steps at once.
    pub fn abort(&self) {
        self.drain.cancel();
        self.abort.cancel();
    }

    /// Cancelled from the first step on.
    pub fn draining(&self) -> &CancellationToken {
        &self.drain
    }

    /// Cancelled from the second step on.
    pub fn aborting(&self) -> &CancellationToken {
        &self.abort
    }

    /// A handle whose end does not end the others, but which ends with them.
    pub fn child(&self) -> Self {
        Self { drain: self.drain.child_token(), abort: self.abort.child_token() }
    }
}
