//! Wake-ups: after each change, at least what somebody may wait for.

use super::*;
use crate::gateway::store::Beat;
use crate::wire::node::{Event, EventKind};

pub async fn wakeups_tell_what_changed(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut wakeups = store.take_wakeups().unwrap();
    let node = join(&*store, "a").await;
    let told = Wakeup::NodeChanged { node_id: node.id.clone() };
    let anyone = Wakeup::Claimable { node_id: None };
    let changed = |id: &str| Wakeup::JobChanged { job_id: id.to_owned() };
    let mut woken = async |expected: &[&Wakeup], what: &str| {
        let got = drain(&mut wakeups);
        for wakeup in expected {
            assert!(got.contains(wakeup), "{what}: {wakeup:?} is not in {got:?}");
        }
    };

    let free = enqueue(&*store, job()).await;
    woken(&[&anyone], "enqueue").await;
    let bound = enqueue(&*store, NewJob { node_id: Some(node.id.clone()), durable: false, ..job() }).await;
    woken(&[&Wakeup::Claimable { node_id: Some(node.id.clone()) }], "enqueue for one node").await;
    claim_at(&*store, &node, T0).await;
    woken(&[&changed(&free), &changed(&bound)], "claim").await;
    start(&*store, &node, &free, 1).await;
    woken(&[&changed(&free)], "start").await;
    let event = Event { seq: 0, kind: EventKind::Stdout, offset: 0, data: "aGk=".into() };
    store.append_events(&free, &node.id, 1, &[event], TTL as u64, T0).await.unwrap();
    woken(&[&changed(&free)], "events").await;
    store.cancel(&free, T0).await.unwrap();
    woken(&[&told], "cancel of a running job").await;
    finish(&*store, &node, success(&free, Some(1))).await;
    woken(&[&changed(&free)], "finish").await;
    reap(&*store, T0 + GRACE).await;
    let requeued = Wakeup::Claimable { node_id: Some(node.id.clone()) };
    woken(&[&changed(&bound), &requeued], "reap of a lease").await;
    store.cancel(&bound, T0).await.unwrap();
    woken(&[&changed(&bound)], "cancel of a queued job").await;

    store.set_drain(&node.id, true).await.unwrap();
    woken(&[&told], "drain").await;
    let beat = Beat { labels: Some(labels(&[("gpu", "yes")])), ..Beat::default() };
    store.beat(&node.id, beat, T0).await.unwrap();
    woken(&[&told], "other labels: other jobs fit").await;
    let held = leased(&*store, &node, job()).await;
    woken(&[&changed(&held)], "claim").await;
    store.remove_node(&node.id, T0).await.unwrap();
    woken(&[&told, &changed(&held), &anyone], "remove").await;
}

pub async fn wakeups_are_taken_once(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    assert!(store.take_wakeups().is_some());
    assert!(store.take_wakeups().is_none());
}
