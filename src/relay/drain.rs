//! What the node's owner changes while it runs: whether it takes new jobs, and who may use it.

use super::setup::clients;
use super::shared::Shared;
use crate::state::NodeConfig;
use std::sync::{Arc, PoisonError};

/// The owner's hand on a running relay.
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

    /// Goes by these settings as far as they can change while the node runs.
    pub fn go_by(&self, config: &NodeConfig) {
        self.set(config.drain_mode.unwrap_or(false));
        let wanted = clients(config);
        let mut known = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != wanted {
            tracing::info!(clients = wanted.len(), "the owner's list of callers changed");
            *known = wanted;
            self.0.link.beat_now.notify_one();
        }
    }
}
