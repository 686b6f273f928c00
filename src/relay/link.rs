//! How the node stands with its gateway, as every loop sees it.

use crate::wire::node::Lifecycle;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// After this long without another 404 the protocol is taken to match again, though the call that failed was not made.
const MISMATCH_MEMORY: Duration = Duration::from_secs(15 * 60);

/// How the node stands with its gateway.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The protocol in use; 0 until the gateway has answered.
    pub(super) protocol: u32,
    /// How often the gateway answered a heartbeat.
    pub(super) beats: u64,
    /// The gateway does not accept the token.
    pub(super) unauthorized: bool,
    /// The gateway removed the node.
    pub(super) removed: bool,
    /// The gateway wants no new jobs on this node.
    pub(super) drain: bool,
    /// Its owner wants none.
    pub(super) drained: bool,
    /// Seconds between heartbeats, as the gateway last said.
    pub(super) interval: Option<Duration>,
    /// A lifecycle call that the gateway does not know.
    pub(super) mismatch: Option<Mismatch>,
}

/// A lifecycle call that was answered 404.
#[derive(Debug, Clone)]
pub(super) struct Mismatch {
    pub(super) call: &'static str,
    pub(super) lifecycle: Lifecycle,
    pub(super) seen: Instant,
}

impl Standing {
    /// Whether calls other than heartbeats make sense.
    pub(super) fn workable(&self) -> bool {
        self.protocol > 0 && !self.unauthorized && !self.removed
    }
}

/// Why there is nothing more to do for this gateway, until somebody does something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// A newer instance of this node took over.
    Superseded,
    /// The gateway went on saying that the token is not good.
    Unauthorized,
    /// The gateway says that it removed the node.
    Removed,
}

impl Over {
    /// The node in one word, and the code of its condition.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Unauthorized => "unauthorized",
            Self::Removed => "removed",
        }
    }
}

/// [`Standing`], shared.
#[derive(Debug)]
pub(super) struct Link {
    standing: watch::Sender<Standing>,
    /// Cancelled when there is nothing more to do for this gateway, see [`Link::over`].
    pub(super) ended: CancellationToken,
    over: OnceLock<Over>,
    /// A heartbeat is wanted now.
    pub(super) beat_now: Notify,
}

impl Link {
    pub(super) fn new() -> Self {
        Self {
            standing: watch::Sender::new(Standing::default()),
            ended: CancellationToken::new(),
            over: OnceLock::new(),
            beat_now: Notify::new(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing.borrow().clone()
    }

    /// It is over; the first reason counts.
    pub(super) fn end(&self, why: Over) {
        let _ = self.over.set(why);
        self.ended.cancel();
    }

    /// Why it is over, once it is.
    pub(super) fn over(&self) -> Option<Over> {
        self.over.get().copied()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Standing)) {
        self.standing.send_modify(change);
    }

    /// Waits until its owner wants it to take new jobs.
    pub(super) async fn resumed(&self) {
        let _ = self.watch().wait_for(|standing| !standing.drained).await;
    }

    pub(super) async fn workable(&self) {
        // The sender is `self`, so waiting cannot fail.
        let _ = self.watch().wait_for(Standing::workable).await;
    }

    /// Waits for the next answered heartbeat.
    pub(super) async fn next_beat(&self) {
        let mut watch = self.watch();
        let beats = watch.borrow_and_update().beats;
        let _ = watch.wait_for(|standing| standing.beats > beats).await;
    }

    /// A lifecycle call succeeded, or a long time passed: forgets its mismatch.
    /// Whether there was one to forget.
    pub(super) fn forget_mismatch(&self, call: &str) -> bool {
        self.standing.send_if_modified(|standing| {
            let over = standing
                .mismatch
                .as_ref()
                .is_some_and(|mismatch| mismatch.call == call || mismatch.seen.elapsed() > MISMATCH_MEMORY);
            if over {
                standing.mismatch = None;
            }
            over
        })
    }
}
