//! What the gateway knows of nodes only in memory: who polls, who was told what. A restart forgets it, and nodes tell it
//! again within a heartbeat.

use crate::base::{Secret, unix_ms};
use crate::wire::node::CancelJob;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A cancel that a node was told this long ago and that is still open is told again: the answer may have been lost.
pub(crate) const TELL_AGAIN: Duration = Duration::from_secs(5);

/// All nodes.
#[derive(Debug, Default)]
pub(crate) struct Presence(Mutex<HashMap<String, NodePresence>>);

/// One node.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodePresence {
    /// Polls that are held now.
    pub(crate) polls: u32,
    /// When the last poll came or ended.
    pub(crate) last_poll_ms: Option<i64>,
    /// Since when polls come without a gap.
    pub(crate) polls_since_ms: Option<i64>,
    /// Since when heartbeats come without a gap.
    pub(crate) beats_since_ms: Option<i64>,
    last_beat_ms: Option<i64>,
    /// Counts the times when there may be new cancels.
    cancel_news: u64,
    /// The count at which the store was seen to hold no open cancels.
    no_cancels_at: Option<u64>,
    told: HashMap<(String, u64), Instant>,
    /// Free slots as its last poll told, less what it was handed and more what it finished since.
    free: Option<u32>,
    /// What it was chosen for since its last poll and was not handed yet.
    promised: u32,
    /// When it was last chosen among several: a count.
    chosen: u64,
    rotated_token: Option<Secret>,
    /// The run of its program that takes no job any more.
    left: Option<String>,
}

impl NodePresence {
    /// How much more it can take: free slots as far as it told, else all, without what it was chosen for.
    pub(crate) fn room(&self, slots: u32) -> u32 {
        self.free.unwrap_or(slots).saturating_sub(self.promised)
    }
}

impl Presence {
    /// The node says how many slots are free.
    pub(crate) fn told_free(&self, node_id: &str, free: u32) {
        self.with(node_id, |node| (node.free, node.promised) = (Some(free), 0));
    }

    /// The node was handed so many jobs.
    pub(crate) fn handed(&self, node_id: &str, jobs: usize) {
        let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
        self.with(node_id, |node| {
            node.free = node.free.map(|free| free.saturating_sub(jobs));
            node.promised = node.promised.saturating_sub(jobs);
        });
    }

    /// The node finished a job; its next poll says the same.
    pub(crate) fn finished(&self, node_id: &str) {
        self.with(node_id, |node| node.free = node.free.map(|free| free.saturating_add(1)));
    }

    /// Chooses the node with the most room among these (id and all slots), and of several the one that was not chosen for
    /// the longest, and takes a slot of it. None when none has room.
    pub(crate) fn hand_to_one_of(&self, candidates: &[(&str, u32)]) -> Option<usize> {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = nodes.values().map(|node| node.chosen).max().unwrap_or_default();
        let rank = |&(id, slots): &(&str, u32)| {
            nodes.get(id).map_or((slots, u64::MAX), |node| (node.room(slots), u64::MAX - node.chosen))
        };
        let ranked = candidates.iter().enumerate().map(|(at, candidate)| (rank(candidate), at));
        let ((_, _), at) =
            ranked.filter(|((room, _), _)| *room > 0).max_by_key(|(rank, at)| (*rank, usize::MAX - at))?;
        let node = nodes.entry(candidates[at].0.to_owned()).or_default();
        node.promised = node.promised.saturating_add(1);
        node.chosen = last + 1;
        Some(at)
    }

    /// It was chosen, but gets no job for that.
    pub(crate) fn take_back(&self, node_id: &str) {
        self.with(node_id, |node| node.promised = node.promised.saturating_sub(1));
    }

    fn with<T>(&self, node_id: &str, change: impl FnOnce(&mut NodePresence) -> T) -> T {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get_mut(node_id) {
            return change(node);
        }
        change(nodes.entry(node_id.to_owned()).or_default())
    }

    /// What is known of a node.
    pub(crate) fn of(&self, node_id: &str) -> NodePresence {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(node_id).cloned().unwrap_or_default()
    }

    /// A heartbeat came; `gap` is how far apart two may be to count as unbroken.
    pub(crate) fn beat(&self, node_id: &str, gap: Duration) {
        let now = unix_ms();
        self.with(node_id, |node| {
            let broken = node.last_beat_ms.is_none_or(|last| now - last > millis(gap));
            if broken || node.beats_since_ms.is_none() {
                node.beats_since_ms = Some(now);
            }
            node.last_beat_ms = Some(now);
        });
    }

    /// A poll is held until the guard is dropped.
    pub(crate) fn polling(self: &Arc<Self>, node_id: &str, gap: Duration) -> Polling {
        let now = unix_ms();
        self.with(node_id, |node| {
            let broken = node.last_poll_ms.is_none_or(|last| now - last > millis(gap));
            if node.polls == 0 && broken || node.polls_since_ms.is_none() {
                node.polls_since_ms = Some(now);
            }
            node.polls += 1;
            node.last_poll_ms = Some(now);
        });
        Polling { presence: Arc::clone(self), node_id: node_id.to_owned() }
    }

    /// The node may have open cancels.
    pub(crate) fn expect_cancels(&self, node_id: &str) {
        self.with(node_id, |node| node.cancel_news += 1);
    }

    /// Whether the store has to be asked for cancels: then the count to give to [`no_cancels`](Self::no_cancels).
    pub(crate) fn ask_for_cancels(&self, node_id: &str) -> Option<u64> {
        self.with(node_id, |node| (node.no_cancels_at != Some(node.cancel_news)).then_some(node.cancel_news))
    }

    /// The store was asked at this count and had none.
    pub(crate) fn no_cancels(&self, node_id: &str, at: u64) {
        self.with(node_id, |node| node.no_cancels_at = Some(at));
    }

    /// Whether one of these was not told lately.
    pub(crate) fn news(&self, node_id: &str, cancels: &[CancelJob]) -> bool {
        self.with(node_id, |node| {
            cancels.iter().any(|cancel| {
                let told = node.told.get(&(cancel.job_id.clone(), cancel.epoch));
                told.is_none_or(|told| told.elapsed() >= TELL_AGAIN)
            })
        })
    }

    /// The node is being told these, all that are open.
    pub(crate) fn told(&self, node_id: &str, cancels: &[CancelJob]) {
        let now = Instant::now();
        self.with(node_id, |node| {
            node.told = cancels.iter().map(|cancel| ((cancel.job_id.clone(), cancel.epoch), now)).collect();
        });
    }

    /// That run of the node's program takes no job any more.
    pub(crate) fn leave(&self, node_id: &str, instance_id: String) {
        self.with(node_id, |node| node.left = Some(instance_id));
    }

    /// Whether that run of the node's program takes no job any more.
    pub(crate) fn has_left(&self, node_id: &str, instance_id: Option<&str>) -> bool {
        instance_id.is_some() && self.with(node_id, |node| node.left.as_deref() == instance_id)
    }

    /// A new token waits for the node.
    pub(crate) fn rotate(&self, node_id: &str, token: Secret) {
        self.with(node_id, |node| node.rotated_token = Some(token));
    }

    /// The new token that waits for the node.
    pub(crate) fn rotated_token(&self, node_id: &str) -> Option<Secret> {
        self.with(node_id, |node| node.rotated_token.clone())
    }

    /// The node used the new token, or joined anew.
    pub(crate) fn rotated(&self, node_id: &str) {
        self.with(node_id, |node| node.rotated_token = None);
    }

    /// The node left.
    pub(crate) fn forget(&self, node_id: &str) {
        let mut nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A held poll still counts itself down.
        if nodes.get(node_id).is_some_and(|node| node.polls == 0) {
            nodes.remove(node_id);
        }
    }
}

/// A held poll.
pub(crate) struct Polling {
    presence: Arc<Presence>,
    node_id: String,
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.presence.with(&self.node_id, |node| {
            node.polls = node.polls.saturating_sub(1);
            node.last_poll_ms = Some(unix_ms());
        });
    }
}

/// Whole milliseconds, as times are kept.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
