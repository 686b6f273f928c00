//! Leases: begun, renewed, extended.

use super::*;
use crate::wire::node::{Event, EventKind, LeaseClaim, LeaseState};

async fn renew(store: &dyn Store, node: &NodeRecord, claims: &[(&str, u64)], now_ms: i64) -> Vec<LeaseState> {
    let claims: Vec<_> =
        claims.iter().map(|(job_id, epoch)| LeaseClaim { job_id: (*job_id).to_owned(), epoch: *epoch }).collect();
    let statuses = store.renew(&node.id, &claims, TTL as u64, now_ms).await.unwrap();
    assert_eq!(statuses.len(), claims.len());
    for (status, claim) in statuses.iter().zip(&claims) {
        assert_eq!((&status.job_id, status.epoch), (&claim.job_id, claim.epoch), "in the order of the request");
        assert_eq!(status.ttl_ms, if status.state == LeaseState::Stale { 0 } else { TTL as u64 });
    }
    statuses.into_iter().map(|status| status.state).collect()
}

pub async fn start_makes_a_leased_job_run_and_may_be_repeated(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = leased(&*store, &node, job()).await;
    for later in [100, 200] {
        let outcome = store.start(&id, &node.id, Some(1), TTL as u64, T0 + later).await.unwrap();
        assert_eq!(outcome, StartOutcome::Started { cancel_requested: false });
        let job = look(&*store, &id).await;
        assert_eq!((job.state, job.started, job.started_ms), (JobState::Running, true, Some(T0 + 100)));
        assert_eq!(job.lease_expires_ms, Some(T0 + later + TTL));
    }
    store.cancel(&id, T0).await.unwrap();
    assert_eq!(start(&*store, &node, &id, 1).await, StartOutcome::Started { cancel_requested: true });
    assert_eq!(start(&*store, &node, "job_nothing", 1).await, StartOutcome::Unknown);
}

pub async fn a_stale_attempt_can_neither_start_nor_renew(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = leased(&*store, &a, job()).await;
    assert_eq!(start(&*store, &b, &id, 1).await, StartOutcome::Stale, "another node's");
    assert_eq!(start(&*store, &a, &id, 2).await, StartOutcome::Stale, "no such attempt yet");
    reap(&*store, T0 + GRACE).await;
    assert_eq!(start(&*store, &a, &id, 1).await, StartOutcome::Stale, "back in the queue");
    assert_eq!(renew(&*store, &a, &[(&id, 1)], T0).await, [LeaseState::Stale]);

    assert_eq!(claim_at(&*store, &b, T0 + GRACE).await, std::slice::from_ref(&id));
    let job = look(&*store, &id).await;
    assert_eq!((job.epoch, job.leased_to.as_ref(), job.reason), (2, Some(&b.id), None), "epochs grow");
    assert_eq!(start(&*store, &a, &id, 1).await, StartOutcome::Stale);
    assert_eq!(start(&*store, &b, &id, 2).await, StartOutcome::Started { cancel_requested: false });
    assert_eq!(renew(&*store, &a, &[(&id, 1), (&id, 2)], T0).await, [LeaseState::Stale; 2]);
    finish(&*store, &b, success(&id, Some(2))).await;
    assert_eq!(start(&*store, &b, &id, 2).await, StartOutcome::Stale, "ended");
    assert_eq!(renew(&*store, &b, &[(&id, 2)], T0).await, [LeaseState::Stale]);
}

pub async fn a_start_without_an_epoch_is_of_the_newest_lease_of_that_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = leased(&*store, &a, job()).await;
    assert_eq!(store.start(&id, &b.id, None, 1000, T0).await.unwrap(), StartOutcome::Stale);
    let started = store.start(&id, &a.id, None, 1000, T0).await.unwrap();
    assert_eq!(started, StartOutcome::Started { cancel_requested: false });
    assert_eq!(look(&*store, &id).await.lease_expires_ms, Some(T0 + 1000));
}

pub async fn a_protocol_1_lease_lasts_as_long_as_the_job_may_run(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let old = store.join_node(NewNode { protocol: 1, ..machine("old") }, T0).await.unwrap().0;
    let id = leased(&*store, &old, NewJob { timeout_ms: 90_000, ..job() }).await;
    assert_eq!(look(&*store, &id).await.lease_expires_ms, Some(T0 + GRACE));
    store.start(&id, &old.id, None, TTL as u64, T0).await.unwrap();
    assert_eq!(look(&*store, &id).await.lease_expires_ms, Some(T0 + 90_000));
    let event = Event { seq: 0, kind: EventKind::Progress, offset: 0, data: "e30=".into() };
    store.append_events(&id, &old.id, 1, &[event], TTL as u64, T0 + 1_000).await.unwrap();
    renew(&*store, &old, &[(&id, 1)], T0).await;
    assert_eq!(look(&*store, &id).await.lease_expires_ms, Some(T0 + 90_000), "extended, never shortened");
    assert!(reap(&*store, T0 + 89_999).await.is_empty(), "output does not shorten it");
}

pub async fn renew_keeps_a_lease_and_does_not_start_it(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let runs = running(&*store, &node, job()).await;
    let waits = leased(&*store, &node, job()).await;
    let asked = [(waits.as_str(), 1), ("job_nothing", 1), (runs.as_str(), 1), (runs.as_str(), 7)];
    let states = renew(&*store, &node, &asked, T0 + 5_000).await;
    assert_eq!(states, [LeaseState::Held, LeaseState::Stale, LeaseState::Held, LeaseState::Stale]);
    let job = look(&*store, &waits).await;
    assert_eq!((job.state, job.started), (JobState::Leased, false));
    assert_eq!(job.lease_expires_ms, Some(T0 + 5_000 + TTL));
    assert!(reap(&*store, T0 + 4_999 + TTL).await.is_empty());

    store.cancel(&runs, T0).await.unwrap();
    assert_eq!(renew(&*store, &node, &[(&runs, 1), (&waits, 1)], T0).await, [LeaseState::Cancel, LeaseState::Held]);
    assert!(renew(&*store, &node, &[], T0).await.is_empty());
}

pub async fn leases_are_extended_after_an_absence(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let runs = running(&*store, &node, job()).await;
    let relayed = leased(&*store, &node, NewJob { durable: false, ..job() }).await;
    let waits = leased(&*store, &node, job()).await;
    let queued = enqueue(&*store, NewJob { node_id: Some("shn_x".into()), queue_timeout_ms: 1, ..job() }).await;
    store.extend_leases(T0 + 20_000, T0 + 15_000).await.unwrap();
    assert_eq!(look(&*store, &waits).await.lease_expires_ms, Some(T0 + 15_000), "its node may not know of it");
    assert_eq!(look(&*store, &relayed).await.lease_expires_ms, Some(T0 + 20_000), "it may run without a start");
    assert_eq!(look(&*store, &runs).await.lease_expires_ms, Some(T0 + TTL), "never shortened");
    let reaped = reap(&*store, T0 + 14_999).await;
    assert_eq!(reaped, [(queued, JobState::TimedOut, "queue_timeout".to_owned())]);
}

pub async fn active_jobs_are_those_leased_or_running(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    running(&*store, &a, job()).await;
    let done = leased(&*store, &a, job()).await;
    assert_eq!(store.active_jobs(&a.id).await.unwrap(), 2);
    finish(&*store, &a, success(&done, Some(1))).await;
    enqueue(&*store, NewJob { node_id: Some(a.id.clone()), ..job() }).await;
    assert_eq!(store.active_jobs(&a.id).await.unwrap(), 1);
    assert_eq!(store.active_jobs(&b.id).await.unwrap(), 0);
}

pub async fn a_lease_that_is_given_back_is_queued_at_once_and_does_not_count(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let once = NewJob { max_attempts: 1, ..job() };
    let id = running(&*store, &node, once.clone()).await;
    let other = leased(&*store, &node, once.clone()).await;
    let cancelled = leased(&*store, &node, once).await;
    store.cancel(&cancelled, T0).await.unwrap();
    let claims = |epoch| [&id, &cancelled].map(|id| LeaseClaim { job_id: id.clone(), epoch });
    assert!(store.give_back("shn_other", &claims(1), T0).await.unwrap().is_empty(), "another node's");
    assert!(store.give_back(&node.id, &claims(2), T0).await.unwrap().is_empty(), "no such attempt");
    let back = store.give_back(&node.id, &claims(1), T0).await.unwrap();
    assert_eq!(back.iter().map(|job| job.state).collect::<Vec<_>>(), [JobState::Queued, JobState::Cancelled]);
    assert_eq!(start(&*store, &node, &id, 1).await, StartOutcome::Stale, "a start that was under way");
    assert_eq!(look(&*store, &other).await.state, JobState::Leased);
    for epoch in 2..4 {
        assert_eq!(claim_at(&*store, &node, T0).await, std::slice::from_ref(&id));
        assert_eq!(look(&*store, &id).await.epoch, epoch);
        store.give_back(&node.id, &claims(epoch), T0).await.unwrap();
    }
    claim_at(&*store, &node, T0).await;
    let lost = (id, JobState::Lost, "max_attempts".to_owned());
    assert!(reap(&*store, T0 + GRACE).await.contains(&lost), "attempts that were not given back still count");
}
