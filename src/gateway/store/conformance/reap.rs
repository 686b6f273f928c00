//! What time alone does.

use super::*;
use crate::wire::node::{Event, EventKind, LeaseClaim};
use crate::wire::v1::ErrorCode;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

pub async fn a_lease_that_was_not_started_goes_back_to_the_queue(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = leased(&*store, &node, job()).await;
    assert!(reap(&*store, T0 + GRACE - 1).await.is_empty());
    let requeued = (id.clone(), JobState::Queued, "lease_expired".to_owned());
    assert_eq!(reap(&*store, T0 + GRACE).await, [requeued]);
    let job = look(&*store, &id).await;
    assert_eq!((job.state, job.reason.as_deref(), job.epoch), (JobState::Queued, Some("lease_expired"), 1));
    assert_eq!((job.lease_expires_ms, job.finished_ms), (None, None));
    assert!(reap(&*store, T0 + GRACE).await.is_empty());
    assert_eq!(claim_at(&*store, &node, T0 + GRACE).await, [id]);
}

pub async fn a_lease_of_a_repeatable_job_goes_back_to_the_queue(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let queue_timeout_ms = (TTL / 2) as u64;
    let id = running(&*store, &node, NewJob { repeatable: true, queue_timeout_ms, ..job() }).await;
    let requeued = (id.clone(), JobState::Queued, "lease_expired".to_owned());
    assert_eq!(reap(&*store, T0 + TTL).await, [requeued], "it may run for longer than it may be queued");
    let claimed = store.claim(claim_for(&node), T0 + TTL).await.unwrap().remove(0);
    assert_eq!((claimed.id, claimed.epoch, claimed.started, claimed.started_ms), (id, 2, false, None));
}

pub async fn what_a_restarted_node_did_for_callers_that_wait_is_over(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let kept = running(&*store, &node, job()).await;
    let relayed = leased(&*store, &node, NewJob { durable: false, max_attempts: 1, ..job() }).await;
    let again = leased(&*store, &node, NewJob { durable: false, max_attempts: 3, ..job() }).await;
    store.forsake(&join(&*store, "b").await.id, T0).await.unwrap();
    assert!(reap(&*store, T0).await.is_empty());
    store.forsake(&node.id, T0).await.unwrap();
    let lost = (relayed, JobState::Lost, "max_attempts".to_owned());
    assert_eq!(reap(&*store, T0).await, [lost, (again, JobState::Queued, "lease_expired".to_owned())]);
    assert_eq!(look(&*store, &kept).await.state, JobState::Running);
}

pub async fn a_lease_of_a_started_job_is_lost(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    assert!(reap(&*store, T0 + TTL - 1).await.is_empty());
    // A late look gives the same answer.
    assert_eq!(reap(&*store, T0 + DAY).await, [(id.clone(), JobState::Lost, "lease_expired".to_owned())]);
    let job = look(&*store, &id).await;
    assert_eq!((job.finished_ms, job.lease_expires_ms), (Some(T0 + DAY), None));
    assert_eq!(job.failure.map(|failure| failure.code), Some(ErrorCode::Lost));
}

pub async fn a_job_is_lost_after_its_last_attempt(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    for (repeatable, starts) in [(false, false), (true, true)] {
        let id = enqueue(&*store, NewJob { max_attempts: 2, repeatable, ..job() }).await;
        for (attempt, state, reason) in [(1, JobState::Queued, "lease_expired"), (2, JobState::Lost, "max_attempts")] {
            assert_eq!(claim_at(&*store, &node, T0).await, std::slice::from_ref(&id));
            if starts {
                start(&*store, &node, &id, attempt).await;
            }
            assert_eq!(reap(&*store, T0 + TTL).await, [(id.clone(), state, reason.to_owned())]);
        }
        assert!(claim_at(&*store, &node, T0).await.is_empty());
    }
}

pub async fn a_job_over_its_time_with_a_silent_node_is_timed_out(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    for repeatable in [false, true] {
        let id = running(&*store, &node, NewJob { timeout_ms: 10_000, repeatable, ..job() }).await;
        let claims = [LeaseClaim { job_id: id.clone(), epoch: 1 }];
        for seconds in [20, 40, 60] {
            assert!(reap(&*store, T0 + seconds * 1000).await.is_empty(), "while it is renewed it counts as running");
            store.renew(&node.id, &claims, TTL as u64, T0 + seconds * 1000).await.unwrap();
        }
        assert_eq!(reap(&*store, T0 + 90_000).await, [(id.clone(), JobState::TimedOut, "node_silent".to_owned())]);
        assert_eq!(look(&*store, &id).await.failure.map(|failure| failure.code), Some(ErrorCode::TimedOut));
    }
}

pub async fn a_queued_job_times_out(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = enqueue(&*store, NewJob { queue_timeout_ms: 5_000, ..job() }).await;
    assert!(reap(&*store, T0 + 4_999).await.is_empty());
    assert_eq!(reap(&*store, T0 + 5_000).await, [(id.clone(), JobState::TimedOut, "queue_timeout".to_owned())]);
    assert!(claim_at(&*store, &node, T0).await.is_empty());
    assert_eq!(look(&*store, &id).await.failure.map(|failure| failure.code), Some(ErrorCode::TimedOut));
}

pub async fn finished_jobs_are_forgotten_after_their_retention(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let durable = running(&*store, &node, job()).await;
    let relayed = running(&*store, &node, NewJob { durable: false, ..job() }).await;
    let lost = running(&*store, &node, job()).await;
    let cancelled = enqueue(&*store, NewJob { durable: false, ..job() }).await;
    store.cancel(&cancelled, T0).await.unwrap();
    for id in [&durable, &relayed] {
        let event = Event { seq: 0, kind: EventKind::Progress, offset: 0, data: "e30=".into() };
        store.append_events(id, &node.id, 1, &[event], TTL as u64, T0).await.unwrap();
        finish(&*store, &node, success(id, Some(1))).await;
    }
    assert!(reap(&*store, T0 + 10 * MINUTE - 1).await.iter().all(|(id, ..)| *id == lost));
    assert!(store.job(&relayed).await.unwrap().is_some());
    assert!(reap(&*store, T0 + 10 * MINUTE).await.is_empty(), "forgetting is no change of a job");
    for id in [&relayed, &cancelled] {
        assert!(store.job(id).await.unwrap().is_none());
        assert!(store.events(id, None, 10).await.unwrap().is_empty());
    }
    assert_eq!(finish(&*store, &node, success(&relayed, Some(1))).await, FinishedJob::Unknown);

    reap(&*store, T0 + 7 * DAY - 1).await;
    assert!(store.job(&durable).await.unwrap().is_some());
    assert_eq!(store.events(&durable, None, 10).await.unwrap().len(), 1);
    reap(&*store, T0 + 7 * DAY).await;
    assert!(store.job(&durable).await.unwrap().is_none());
    assert!(store.job(&lost).await.unwrap().is_some(), "it ended later");
    reap(&*store, T0 + 8 * DAY).await;
    assert!(store.job(&lost).await.unwrap().is_none());
}

pub async fn reaping_many_moves_all(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    for _ in 0..450 {
        enqueue(&*store, NewJob { queue_timeout_ms: 1, durable: false, ..job() }).await;
    }
    assert_eq!(reap(&*store, T0 + 1).await.len(), 450);
    assert!(reap(&*store, T0 + 1).await.is_empty());
}
