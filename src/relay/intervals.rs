//! How long the relay waits for what. Values of production are the default; tests shorten them.

use std::time::Duration;

/// Waits and limits of the relay.
#[derive(Debug, Clone)]
pub struct Intervals {
    /// Between heartbeats; overrides what the gateway and the settings say.
    pub heartbeat: Option<Duration>,
    /// Between heartbeats of a node that its gateway removed (410).
    pub removed: Duration,
    /// How long a gateway must go on refusing the token before the node believes it and ends.
    pub refused: Duration,
    /// How long a protocol 2 gateway may hold a poll.
    pub hold: Duration,
    /// The shortest hold that is ever learned.
    pub shortest_hold: Duration,
    /// How long a protocol 1 gateway may hold a poll.
    pub hold_protocol_1: Duration,
    /// How long a job without a lease asks whether it may begin.
    pub start_without_lease: Duration,
    /// Between polls that a gateway answers empty at once.
    pub spacing: Duration,
    /// The most that spacing grows to.
    pub longest_spacing: Duration,
    /// The first delay after a failure; delays double up to `cap`.
    pub backoff: Duration,
    /// The longest delay.
    pub cap: Duration,
    /// How long output may wait for more before it is sent.
    pub flush: Duration,
    /// How long the end waits for the outbox.
    pub farewell: Duration,
    /// How long a refused result is kept.
    pub keep_undeliverable: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            heartbeat: None,
            removed: Duration::from_secs(15 * 60),
            refused: Duration::from_secs(30),
            hold: Duration::from_secs(25),
            shortest_hold: Duration::from_secs(2),
            hold_protocol_1: Duration::from_secs(2),
            start_without_lease: Duration::from_secs(60),
            spacing: Duration::from_millis(250),
            longest_spacing: Duration::from_secs(2),
            backoff: Duration::from_secs(1),
            cap: crate::base::Backoff::CAP,
            flush: Duration::from_millis(50),
            farewell: Duration::from_secs(10),
            keep_undeliverable: Duration::from_secs(7 * 24 * 3600),
        }
    }
}

impl Intervals {
    pub(super) fn backoff(&self) -> crate::base::Backoff {
        crate::base::Backoff::capped(self.backoff, self.cap)
    }
}
