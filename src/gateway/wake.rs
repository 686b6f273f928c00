//! Who waits for what: polls for jobs, callers for the ends of jobs. Turns wake-ups of the store into woken requests.
//!
//! A job that any node may take is *offered*: to the oldest waiting poll first, which claims; finding nothing it can take,
//! it passes the offer to the next. So one job wakes one node, and a job that only the last of a fleet can take still
//! finds it. A poll that begins later claims by itself and needs no offer.

use super::store::Wakeup;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};

/// Everybody who waits.
#[derive(Debug, Default)]
pub(crate) struct Wake(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    last_ticket: u64,
    polls: BTreeMap<u64, Waiter>,
    by_node: HashMap<String, BTreeSet<u64>>,
    jobs: HashMap<String, watch::Sender<()>>,
}

#[derive(Debug)]
struct Waiter {
    node_id: String,
    /// False when it has no slot: it waits for cancels only.
    claims: bool,
    /// What it shall claim for.
    offer: Offer,
    /// What it is claiming for now. Its first claim, when it begins to wait, is for no offer.
    taking: Offer,
    /// What came meanwhile: its claim may have looked too early.
    queued: Offer,
    node_changed: bool,
    notify: Arc<Notify>,
}

/// What a waiting poll shall claim for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Offer {
    /// A job of this very node.
    bound: bool,
    /// So many jobs of any node …
    count: usize,
    /// … that nobody behind this ticket need be asked for.
    last_ticket: u64,
}

impl Offer {
    fn is_none(self) -> bool {
        self == Self::default()
    }

    fn add(&mut self, other: Self) {
        self.bound |= other.bound;
        self.count += other.count;
        self.last_ticket = self.last_ticket.max(other.last_ticket);
    }
}

impl Waiter {
    fn is_busy(&self) -> bool {
        !self.offer.is_none() || !self.taking.is_none()
    }
}

/// What a waiting poll was woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Woken {
    /// Something may be claimed. [`PollWait::settle`] must follow.
    pub(crate) claim: bool,
    /// The node has to be told something.
    pub(crate) node_changed: bool,
}

impl Wake {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A poll begins to wait. Register first and claim after: a job queued in between is then not missed.
    pub(crate) fn poll(self: &Arc<Self>, node_id: &str, claims: bool) -> PollWait {
        let notify = Arc::new(Notify::new());
        let mut waiting = self.waiting();
        waiting.last_ticket += 1;
        let ticket = waiting.last_ticket;
        let waiter = Waiter {
            node_id: node_id.to_owned(),
            claims,
            offer: Offer::default(),
            taking: Offer::default(),
            queued: Offer::default(),
            node_changed: false,
            notify: Arc::clone(&notify),
        };
        waiting.polls.insert(ticket, waiter);
        waiting.by_node.entry(node_id.to_owned()).or_default().insert(ticket);
        PollWait { wake: Arc::clone(self), ticket, notify }
    }

    /// A caller begins to wait for changes of a job.
    pub(crate) fn job(self: &Arc<Self>, job_id: &str) -> JobWait {
        let mut waiting = self.waiting();
        let changes = match waiting.jobs.get(job_id) {
            Some(sender) => sender.subscribe(),
            None => {
                let (sender, receiver) = watch::channel(());
                waiting.jobs.insert(job_id.to_owned(), sender);
                receiver
            }
        };
        JobWait { wake: Arc::clone(self), job_id: job_id.to_owned(), changes: Some(changes) }
    }

    /// Wakes whom a wake-up of the store concerns.
    pub(crate) fn dispatch(&self, wakeup: &Wakeup) {
        let mut waiting = self.waiting();
        match wakeup {
            Wakeup::Claimable { node_id: Some(node_id) } => waiting.offer_bound(node_id),
            Wakeup::Claimable { node_id: None } => {
                let last_ticket = waiting.last_ticket;
                waiting.offer_any(Offer { bound: false, count: 1, last_ticket }, 0);
            }
            Wakeup::JobChanged { job_id } => {
                if let Some(sender) = waiting.jobs.get(job_id) {
                    sender.send_replace(());
                }
            }
            Wakeup::NodeChanged { node_id } => waiting.node_changed(node_id),
        }
    }

    /// Wakes the polls of a node to look at it again.
    pub(crate) fn node_changed(&self, node_id: &str) {
        self.waiting().node_changed(node_id);
    }
}

impl Waiting {
    fn offer_bound(&mut self, node_id: &str) {
        let Self { by_node, polls, .. } = self;
        let Some(tickets) = by_node.get(node_id) else { return };
        let able = tickets.iter().copied().filter(|ticket| polls.get(ticket).is_some_and(|poll| poll.claims));
        if let Some(ticket) = able.min_by_key(|ticket| polls[ticket].is_busy()) {
            self.give(ticket, Offer { bound: true, ..Offer::default() });
        }
    }

    fn offer_any(&mut self, offer: Offer, after: u64) {
        if offer.count == 0 || after >= offer.last_ticket {
            return;
        }
        let mut next = self.polls.range(after + 1..=offer.last_ticket);
        if let Some((&ticket, _)) = next.find(|(_, poll)| poll.claims) {
            self.give(ticket, offer);
        }
    }

    fn give(&mut self, ticket: u64, offer: Offer) {
        let Some(waiter) = self.polls.get_mut(&ticket) else { return };
        if waiter.is_busy() {
            waiter.queued.add(offer);
        } else {
            waiter.offer = offer;
            waiter.notify.notify_one();
        }
    }

    fn node_changed(&mut self, node_id: &str) {
        for ticket in self.by_node.get(node_id).into_iter().flatten() {
            if let Some(waiter) = self.polls.get_mut(ticket) {
                waiter.node_changed = true;
                waiter.notify.notify_one();
            }
        }
    }
}

/// A poll that waits. Dropped with an offer in hand (its node went away), it passes the offer on.
#[derive(Debug)]
pub(crate) struct PollWait {
    wake: Arc<Wake>,
    ticket: u64,
    notify: Arc<Notify>,
}

impl PollWait {
    /// Waits until there is something to do.
    pub(crate) async fn woken(&self) -> Woken {
        loop {
            {
                let mut waiting = self.wake.waiting();
                if let Some(waiter) = waiting.polls.get_mut(&self.ticket) {
                    let claim = !waiter.offer.is_none();
                    waiter.taking.add(std::mem::take(&mut waiter.offer));
                    let node_changed = std::mem::take(&mut waiter.node_changed);
                    if claim || node_changed {
                        return Woken { claim, node_changed };
                    }
                }
            }
            self.notify.notified().await;
        }
    }

    /// The claim is over, `taken` jobs of any node came out of it: passes on what is left of the offer.
    pub(crate) fn settle(&self, taken: usize) {
        let mut waiting = self.wake.waiting();
        let Some(waiter) = waiting.polls.get_mut(&self.ticket) else { return };
        let mut offer = std::mem::take(&mut waiter.taking);
        waiter.offer.add(std::mem::take(&mut waiter.queued));
        if !waiter.offer.is_none() {
            waiter.notify.notify_one();
        }
        offer.count = offer.count.saturating_sub(taken);
        waiting.offer_any(offer, self.ticket);
    }
}

impl Drop for PollWait {
    fn drop(&mut self) {
        let mut waiting = self.wake.waiting();
        let Some(waiter) = waiting.polls.remove(&self.ticket) else { return };
        if let Some(tickets) = waiting.by_node.get_mut(&waiter.node_id) {
            tickets.remove(&self.ticket);
            if tickets.is_empty() {
                waiting.by_node.remove(&waiter.node_id);
            }
        }
        let mut offer = waiter.offer;
        offer.add(waiter.taking);
        offer.add(waiter.queued);
        if offer.bound {
            waiting.offer_bound(&waiter.node_id);
        }
        waiting.offer_any(offer, self.ticket);
    }
}

/// A caller that waits for a job.
#[derive(Debug)]
pub(crate) struct JobWait {
    wake: Arc<Wake>,
    job_id: String,
    changes: Option<watch::Receiver<()>>,
}

impl JobWait {
    /// Waits for a change since the last call, or since the wait began.
    pub(crate) async fn changed(&mut self) {
        if let Some(changes) = &mut self.changes
            && changes.changed().await.is_ok()
        {
            return;
        }
        // The sender lives as long as there is a receiver; were it otherwise, waiting for ever beats spinning.
        std::future::pending().await
    }
}

impl Drop for JobWait {
    fn drop(&mut self) {
        let mut waiting = self.wake.waiting();
        self.changes = None;
        if waiting.jobs.get(&self.job_id).is_some_and(|sender| sender.receiver_count() == 0) {
            waiting.jobs.remove(&self.job_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn any() -> Wakeup {
        Wakeup::Claimable { node_id: None }
    }

    fn bound(node: &str) -> Wakeup {
        Wakeup::Claimable { node_id: Some(node.to_owned()) }
    }

    fn claims(poll: &PollWait) -> bool {
        poll.woken().now_or_never().is_some_and(|woken| woken.claim)
    }

    #[test]
    fn a_job_wakes_one_poll_and_moves_on_until_somebody_takes_it() {
        let wake = Arc::new(Wake::default());
        let polls = ["a", "b", "c"].map(|node| wake.poll(node, node != "b"));
        wake.dispatch(&any());
        assert_eq!(polls.each_ref().map(claims), [true, false, false]);
        polls[0].settle(0); // b has no slot: c is next
        assert_eq!(polls.each_ref().map(claims), [false, false, true]);
        polls[2].settle(1);
        assert_eq!(polls.each_ref().map(claims), [false, false, false]);
    }

    #[test]
    fn what_comes_during_a_claim_is_looked_at_after_it() {
        let wake = Arc::new(Wake::default());
        let (first, second) = (wake.poll("a", true), wake.poll("b", true));
        wake.dispatch(&any());
        wake.dispatch(&any());
        wake.dispatch(&bound("a"));
        assert_eq!((claims(&first), claims(&second)), (true, false));
        first.settle(1); // took one, and looks again for the rest
        assert!(claims(&first));
        drop(first);
        assert!(claims(&second));
    }

    #[test]
    fn what_comes_during_the_first_claim_is_looked_at_after_it() {
        let wake = Arc::new(Wake::default());
        let poll = wake.poll("a", true);
        wake.dispatch(&bound("a")); // after the claim has looked, and before it is over
        poll.settle(0);
        assert!(claims(&poll));
        poll.settle(1);
        wake.dispatch(&any());
        poll.settle(0);
        assert!(claims(&poll));
        poll.settle(1);
        assert!(!claims(&poll));
    }

    #[test]
    fn a_poll_that_goes_away_passes_its_offer_on() {
        let wake = Arc::new(Wake::default());
        let (first, second) = (wake.poll("a", true), wake.poll("a", true));
        wake.dispatch(&bound("a"));
        assert_eq!((claims(&first), claims(&second)), (true, false));
        drop(first);
        assert!(claims(&second));
        drop(second);
        assert!(wake.waiting().by_node.is_empty() && wake.waiting().polls.is_empty());
    }

    #[test]
    fn every_waiter_of_a_job_is_woken_and_none_is_left_behind() {
        let wake = Arc::new(Wake::default());
        let (mut one, mut two) = (wake.job("job_1"), wake.job("job_1"));
        wake.dispatch(&Wakeup::JobChanged { job_id: "job_1".to_owned() });
        assert!(one.changed().now_or_never().is_some() && two.changed().now_or_never().is_some());
        assert!(one.changed().now_or_never().is_none());
        drop((one, two));
        assert!(wake.waiting().jobs.is_empty());
    }
}
