//! Whether the node's owner wants it to take no new jobs, changed while it runs.

use super::shared::Shared;
use std::sync::Arc;

/// The owner's switch of a running relay.
pub struct Drain(Arc<Shared>);

impl Drain {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// Takes no new jobs from now on, or takes them again. What was claimed goes on; what a poll brings that is held at
    /// this moment goes back to the gateway.
    pub fn set(&self, drained: bool) {
        if self.0.link.standing().drained == drained {
            return;
        }
        tracing::info!(drained, "the owner's word on new jobs changed");
        self.0.link.change(|standing| standing.drained = drained);
        self.0.refresh_state();
        self.0.link.beat_now.notify_one();
    }
}
