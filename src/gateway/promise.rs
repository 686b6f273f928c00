//! A slot of a node that was chosen among several, until its job is on its way.

use super::presence::Presence;
use std::sync::Arc;

/// A promised slot. Dropped, it is free again: the request was refused, or went to the node's own door. What is queued keeps
/// it until the node has it.
#[derive(Debug)]
pub(crate) struct Promise {
    presence: Arc<Presence>,
    node_id: Option<String>,
}

impl Promise {
    /// Of the slot that [`Presence::hand_to_one_of`] took.
    pub(crate) fn of(presence: &Arc<Presence>, node_id: &str) -> Self {
        Self { presence: Arc::clone(presence), node_id: Some(node_id.to_owned()) }
    }

    /// A job for it is queued.
    pub(crate) fn queued(mut self) {
        self.node_id = None;
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(node_id) = &self.node_id {
            self.presence.take_back(node_id);
        }
    }
}
