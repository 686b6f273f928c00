//! Whose job is next: priorities, age, turns between callers, and nodes that a caller may not use.

use super::*;
use crate::gateway::store::{AGEING_MS, GrantChange, NewKey};
use crate::wire::gateway::{Grant, Scope};

/// A job of a caller that waits for the answer.
fn of(caller: &str) -> NewJob {
    NewJob { caller: Some(caller.into()), durable: false, queue_timeout_ms: 1 << 40, ..job() }
}

/// The same, and nobody waits for it.
fn queued(caller: &str) -> NewJob {
    NewJob { durable: true, ..of(caller) }
}

/// The caller of the one job that a claim gives.
async fn served(store: &dyn Store, node: &NodeRecord, now_ms: i64) -> String {
    let mut claimed = store.claim(Claim { limit: 1, ..claim_for(node) }, now_ms).await.unwrap();
    claimed.remove(0).job.caller.expect("a caller")
}

pub async fn a_long_queue_does_not_delay_another_caller_by_more_than_a_job(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    for _ in 0..10_000 {
        store.enqueue(of("key_many"), T0).await.unwrap();
    }
    let first = store.claim(Claim { limit: 4, ..claim_for(&node) }, T0).await.unwrap();
    assert_eq!(first.len(), 4);
    // However long the queue waits, and wherever the new one may run.
    for (after_ms, bound) in [(1, false), (3_600_000, true), (7_200_000, false)] {
        let now_ms = T0 + after_ms;
        let node_id = bound.then(|| node.id.clone());
        for n in 0..2 {
            store.enqueue(NewJob { node_id: node_id.clone(), ..of("key_few") }, now_ms + n).await.unwrap();
        }
        let next = [served(&*store, &node, now_ms).await, served(&*store, &node, now_ms).await];
        assert!(next.contains(&"key_few".to_owned()), "{next:?} after {after_ms}");
        let next = [served(&*store, &node, now_ms).await, served(&*store, &node, now_ms).await];
        assert!(next.contains(&"key_few".to_owned()) && next.contains(&"key_many".to_owned()), "in turn: {next:?}");
    }
    // A claim of several jobs is shared out too.
    for _ in 0..3 {
        store.enqueue(of("key_third"), T0).await.unwrap();
    }
    let several = store.claim(Claim { limit: 6, ..claim_for(&node) }, T0 + 7_200_000).await.unwrap();
    let third = several.iter().filter(|job| job.job.caller.as_deref() == Some("key_third")).count();
    assert_eq!((several.len(), third), (6, 3));
}

pub async fn a_job_that_waits_passes_newer_ones_of_better_priority(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    store.enqueue(NewJob { priority: 3, ..of("key_slow") }, T0).await.unwrap();
    let one = async |caller: &str, now_ms: i64| {
        store.enqueue(of(caller), now_ms).await.unwrap();
        served(&*store, &node, now_ms).await
    };
    assert_eq!(one("key_fast", T0).await, "key_fast");
    assert_eq!(one("key_fast", T0 + 2 * AGEING_MS).await, "key_fast");
    assert_eq!(one("key_fast", T0 + 4 * AGEING_MS).await, "key_slow");
    assert_eq!(served(&*store, &node, T0 + 4 * AGEING_MS).await, "key_fast");
    // The slot for urgent jobs looks at what was asked for, not at the age.
    store.enqueue(NewJob { priority: 5, ..of("key_slow") }, T0).await.unwrap();
    let reserved = Claim { max_priority: Some(0), ..claim_for(&node) };
    assert!(store.claim(reserved, T0 + 1000 * AGEING_MS).await.unwrap().is_empty());
    // One caller's own jobs age as well.
    let store = fixture.open().await;
    store.enqueue(of("key_slow"), T0 + 6 * AGEING_MS).await.unwrap();
    let claimed = store.claim(Claim { limit: 1, ..claim_for(&node) }, T0 + 6 * AGEING_MS).await.unwrap();
    assert_eq!(claimed[0].job.priority, 5);
}

pub async fn a_job_goes_only_where_its_caller_may_use_the_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let key = NewKey {
        hash: "limited".into(),
        scopes: vec![Scope::Call],
        label: None,
        expires_ms: None,
        uses: None,
        grants: Some(vec![Grant { node: Some(b.id.clone()), labels: BTreeMap::new() }]),
    };
    let key = store.create_key(key, T0).await.unwrap();
    let free = enqueue(&*store, queued(&key.id)).await;
    let bound = enqueue(&*store, NewJob { node_id: Some(a.id.clone()), ..queued(&key.id) }).await;
    let others = enqueue(&*store, queued("key_other")).await;
    assert_eq!(claim_at(&*store, &a, T0).await, [others]);
    assert_eq!(claim_at(&*store, &b, T0).await, [free]);

    let with_gpu = Grant { node: None, labels: labels(&[("gpu", "yes")]) };
    store.change_grants(&key.id, GrantChange::Add(with_gpu), T0).await.unwrap();
    assert!(claim_at(&*store, &a, T0).await.is_empty());
    let gpu = Claim { labels: labels(&[("gpu", "yes"), ("more", "1")]), ..claim_for(&a) };
    let got = store.claim(gpu, T0).await.unwrap();
    assert_eq!(got.iter().map(|job| &job.id).collect::<Vec<_>>(), [&bound]);

    let again = enqueue(&*store, queued(&key.id)).await;
    let of_b = Grant { node: Some(b.id.clone()), labels: BTreeMap::new() };
    store.change_grants(&key.id, GrantChange::Remove(of_b), T0).await.unwrap();
    assert!(claim_at(&*store, &b, T0).await.is_empty(), "taken back while it was queued");
    store.change_grants(&key.id, GrantChange::Lift, T0).await.unwrap();
    assert_eq!(claim_at(&*store, &b, T0).await, [again]);

    // Who waits for the answer was looked at when it asked.
    let none = Grant { node: Some("shn_none".into()), labels: BTreeMap::new() };
    store.change_grants(&key.id, GrantChange::Add(none), T0).await.unwrap();
    let waits = enqueue(&*store, NewJob { node_id: Some(a.id.clone()), ..of(&key.id) }).await;
    assert_eq!(claim_at(&*store, &a, T0).await, [waits]);
}
