//! Events.

use super::*;
use crate::gateway::store::{Appended, StoredEvent};
use crate::wire::node::{Event, EventKind};
use base64::Engine as _;

fn event(seq: u64) -> Event {
    let kind = if seq.is_multiple_of(2) { EventKind::Stdout } else { EventKind::Stderr };
    let data = base64::engine::general_purpose::STANDARD.encode([0, 255, seq as u8]);
    Event { seq, kind, offset: seq * 3, data }
}

async fn append(store: &dyn Store, node: &NodeRecord, id: &str, epoch: u64, seqs: &[u64]) -> Appended {
    let events: Vec<_> = seqs.iter().map(|seq| event(*seq)).collect();
    store.append_events(id, &node.id, epoch, &events, TTL as u64, T0).await.unwrap()
}

fn kept(next_seq: u64) -> Appended {
    Appended::Kept { next_seq, cancel_requested: false }
}

async fn seqs(store: &dyn Store, id: &str) -> Vec<u64> {
    store.events(id, None, 100).await.unwrap().into_iter().map(|event| event.seq).collect()
}

pub async fn events_are_kept_once_and_up_to_the_first_gap(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    assert_eq!(append(&*store, &node, &id, 1, &[]).await, kept(0));
    assert_eq!(append(&*store, &node, &id, 1, &[0, 1]).await, kept(2));
    assert_eq!(append(&*store, &node, &id, 1, &[0, 1]).await, kept(2), "sent again");
    assert_eq!(append(&*store, &node, &id, 1, &[1, 2, 4, 5]).await, kept(3), "3 is missing");
    assert_eq!(append(&*store, &node, &id, 1, &[4]).await, kept(3));
    assert_eq!(append(&*store, &node, &id, 1, &[3, 4]).await, kept(5));
    assert_eq!(seqs(&*store, &id).await, [0, 1, 2, 3, 4]);
    let third = StoredEvent { epoch: 1, seq: 3, kind: EventKind::Stderr, offset: 9, data: vec![0, 255, 3] };
    assert_eq!(store.events(&id, Some((1, 2)), 1).await.unwrap(), [third]);

    store.cancel(&id, T0).await.unwrap();
    let many: Vec<_> = (5..3_000).collect();
    let appended = append(&*store, &node, &id, 1, &many).await;
    assert_eq!(appended, Appended::Kept { next_seq: 3_000, cancel_requested: true });
}

pub async fn events_of_a_stale_attempt_are_not_kept(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = running(&*store, &a, NewJob { repeatable: true, ..job() }).await;
    assert_eq!(append(&*store, &b, &id, 1, &[0]).await, Appended::Stale, "another node");
    assert_eq!(append(&*store, &a, &id, 2, &[0]).await, Appended::Stale, "another attempt");
    assert_eq!(append(&*store, &a, "job_nothing", 1, &[0]).await, Appended::Unknown);
    reap(&*store, T0 + TTL).await;
    claim_at(&*store, &b, T0 + TTL).await;
    assert_eq!(append(&*store, &a, &id, 1, &[0]).await, Appended::Stale);
    assert_eq!(append(&*store, &b, &id, 2, &[0]).await, kept(1));
    finish(&*store, &b, success(&id, Some(2))).await;
    assert_eq!(append(&*store, &b, &id, 2, &[1]).await, Appended::Stale, "ended");
    assert_eq!(seqs(&*store, &id).await, [0]);
}

pub async fn events_keep_a_lease(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = leased(&*store, &node, job()).await;
    assert_eq!(append(&*store, &node, &id, 1, &[0]).await, kept(1));
    let job = look(&*store, &id).await;
    assert_eq!((job.state, job.lease_expires_ms), (JobState::Leased, Some(T0 + TTL)));
}

pub async fn events_are_read_in_pages_across_attempts(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, NewJob { repeatable: true, ..job() }).await;
    append(&*store, &node, &id, 1, &[0, 1, 2]).await;
    reap(&*store, T0 + TTL).await;
    claim_at(&*store, &node, T0 + TTL).await;
    append(&*store, &node, &id, 2, &[0, 1]).await;
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.events(&id, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some((last.epoch, last.seq));
        seen.extend(page.iter().map(|event| (event.epoch, event.seq)));
    }
    assert_eq!(seen, [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]);
    assert!(store.events("job_nothing", None, 10).await.unwrap().is_empty());
}
