//! Cancels.

use super::*;
use crate::gateway::store::CancelOutcome;
use crate::wire::node::CancelJob;
use crate::wire::v1::ErrorCode;

pub async fn a_queued_job_is_cancelled_at_once(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = enqueue(&*store, job()).await;
    let outcome = store.cancel(&id, T0 + 1).await.unwrap();
    let CancelOutcome::Ended(ended) = outcome else { panic!("{outcome:?}") };
    assert_eq!((ended.state, ended.reason.as_deref()), (JobState::Cancelled, Some("cancel_requested")));
    assert_eq!((ended.finished_ms, ended.cancel_requested), (Some(T0 + 1), true));
    assert_eq!(ended.failure.map(|failure| failure.code), Some(ErrorCode::Cancelled));
    assert!(claim_at(&*store, &node, T0).await.is_empty());
}

pub async fn a_running_job_is_marked_and_its_node_told(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let runs = running(&*store, &a, job()).await;
    let held = leased(&*store, &a, job()).await;
    for id in [&runs, &held, &runs] {
        let outcome = store.cancel(id, T0).await.unwrap();
        assert!(matches!(&outcome, CancelOutcome::Requested(job) if job.cancel_requested), "{outcome:?}");
    }
    assert_eq!(look(&*store, &runs).await.state, JobState::Running);
    assert_eq!(look(&*store, &held).await.state, JobState::Leased);
    let told: Vec<_> = [&runs, &held].into_iter().map(|id| CancelJob { job_id: id.clone(), epoch: 1 }).collect();
    assert_eq!(store.cancels_for(&a.id).await.unwrap(), told);
    assert!(store.cancels_for(&b.id).await.unwrap().is_empty());

    let cancelled = Finish { state: JobState::Cancelled, ..success(&runs, Some(1)) };
    assert_eq!(finish(&*store, &a, cancelled).await, FinishedJob::Recorded);
    assert_eq!(store.cancels_for(&a.id).await.unwrap(), told[1..]);
}

pub async fn a_cancelled_job_that_its_node_ended_anyway_has_that_end(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    store.cancel(&id, T0).await.unwrap();
    assert_eq!(finish(&*store, &node, success(&id, Some(1))).await, FinishedJob::Recorded);
    assert_eq!(look(&*store, &id).await.state, JobState::Succeeded);
}

pub async fn a_cancel_that_no_node_answers_ends_with_the_lease(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let runs = running(&*store, &node, NewJob { repeatable: true, ..job() }).await;
    let held = leased(&*store, &node, job()).await;
    for id in [&runs, &held] {
        store.cancel(id, T0).await.unwrap();
    }
    assert!(reap(&*store, T0 + GRACE - 1).await.is_empty());
    let ended = |id: &str| (id.to_owned(), JobState::Cancelled, "node_silent".to_owned());
    assert_eq!(reap(&*store, T0 + TTL).await, [ended(&held), ended(&runs)]);
    assert_eq!(look(&*store, &runs).await.failure.map(|failure| failure.code), Some(ErrorCode::Cancelled));
    assert!(store.cancels_for(&node.id).await.unwrap().is_empty());
}

pub async fn nothing_is_cancelled_twice(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    finish(&*store, &node, success(&id, Some(1))).await;
    let outcome = store.cancel(&id, T0).await.unwrap();
    assert!(
        matches!(&outcome, CancelOutcome::AlreadyEnded(job) if job.state == JobState::Succeeded && !job.cancel_requested),
        "{outcome:?}"
    );
    assert!(matches!(store.cancel("job_nothing", T0).await.unwrap(), CancelOutcome::Unknown));
}

pub async fn jobs_whose_callers_are_gone_are_cancelled(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let relayed = || NewJob { durable: false, ..job() };
    let kept = running(&*store, &node, job()).await;
    let runs = leased(&*store, &node, relayed()).await;
    let ended = leased(&*store, &node, relayed()).await;
    finish(&*store, &node, success(&ended, Some(1))).await;
    let waits = enqueue(&*store, relayed()).await;
    assert_eq!(store.abandon_relayed(T0).await.unwrap(), 2);
    assert_eq!(state_of(&*store, &waits).await, because(JobState::Cancelled, "cancel_requested"));
    assert_eq!(store.cancels_for(&node.id).await.unwrap().iter().map(|job| &job.job_id).collect::<Vec<_>>(), [&runs]);
    assert_eq!(state_of(&*store, &ended).await, because(JobState::Succeeded, "exited"));
    assert!(!look(&*store, &kept).await.cancel_requested);
}
