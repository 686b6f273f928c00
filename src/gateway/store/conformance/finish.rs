//! Results.

use super::*;
use crate::wire::node::AnswerBody;
use crate::wire::v1::{ErrorCode, Failure};

pub async fn a_result_ends_the_job_with_or_without_a_start(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let started = running(&*store, &node, job()).await;
    let skipped = leased(&*store, &node, NewJob { durable: false, ..job() }).await;
    let body = AnswerBody { size: 3, sha256: "cd".into(), content_type: "application/x-tar".into(), base64: None };
    let failure = Failure::new(ErrorCode::WorkspaceNotFound, "no workspace \"w1\"").hint("make one");
    let result = Finish {
        state: JobState::Failed,
        reason: Some("workspace_not_found".into()),
        answer_body: Some(body.clone()),
        failure: Some(failure.clone()),
        ..success(&started, Some(1))
    };
    assert_eq!(store.finish(&node.id, result, T0 + 9).await.unwrap(), FinishedJob::Recorded);
    let ended = look(&*store, &started).await;
    assert_eq!((ended.state, ended.reason.as_deref()), (JobState::Failed, Some("workspace_not_found")));
    assert_eq!((ended.answer, ended.answer_body), (Some(json!({"exit_code": 0, "of": 1})), Some(body)));
    assert_eq!((ended.failure, ended.finished_ms), (Some(failure), Some(T0 + 9)));
    assert_eq!((ended.lease_expires_ms, ended.started_ms), (None, Some(T0)));

    assert_eq!(finish(&*store, &node, success(&skipped, Some(1))).await, FinishedJob::Recorded);
    assert_eq!(state_of(&*store, &skipped).await, because(JobState::Succeeded, "exited"));
    assert!(claim_at(&*store, &node, T0).await.is_empty());
    let unfinished = Finish { state: JobState::Running, ..success(&skipped, Some(1)) };
    assert!(store.finish(&node.id, unfinished, T0).await.is_err(), "running is no end");
}

pub async fn a_result_is_recorded_once(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    assert_eq!(finish(&*store, &node, success(&id, Some(1))).await, FinishedJob::Recorded);
    let other = Finish { state: JobState::Failed, ..success(&id, Some(1)) };
    assert_eq!(finish(&*store, &node, other).await, FinishedJob::Duplicate);
    assert_eq!(finish(&*store, &node, success(&id, None)).await, FinishedJob::Duplicate);
    let job = look(&*store, &id).await;
    assert_eq!(job.state, JobState::Succeeded);
    assert!(job.late_results.is_empty());
}

pub async fn a_result_without_an_epoch_is_of_the_newest_attempt_of_that_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = leased(&*store, &a, job()).await;
    reap(&*store, T0 + GRACE).await;
    claim_at(&*store, &b, T0 + GRACE).await;
    assert_eq!(finish(&*store, &a, success(&id, None)).await, FinishedJob::Superseded);
    assert_eq!(look(&*store, &id).await.late_results[0].epoch, 1);
    assert_eq!(finish(&*store, &b, success(&id, None)).await, FinishedJob::Recorded);
}

pub async fn a_result_after_the_end_is_kept_once_as_late(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, job()).await;
    reap(&*store, T0 + TTL).await;
    for _ in 0..2 {
        assert_eq!(finish(&*store, &node, success(&id, Some(1))).await, FinishedJob::Superseded);
    }
    let job = look(&*store, &id).await;
    assert_eq!((job.state, job.reason.as_deref()), (JobState::Lost, Some("lease_expired")), "an end never changes");
    assert_eq!(job.late_results.len(), 1);
    assert_eq!((job.late_results[0].epoch, job.late_results[0].state), (1, JobState::Succeeded));
    assert_eq!(job.late_results[0].result, Some(json!({"exit_code": 0, "of": 1})));
}

pub async fn a_result_of_an_older_attempt_is_kept_as_late(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = running(&*store, &a, NewJob { repeatable: true, ..job() }).await;
    reap(&*store, T0 + TTL).await;
    claim_at(&*store, &b, T0 + TTL).await;
    assert_eq!(finish(&*store, &a, success(&id, Some(1))).await, FinishedJob::Superseded);
    assert_eq!(look(&*store, &id).await.state, JobState::Leased, "the newer attempt goes on");
    assert_eq!(finish(&*store, &b, success(&id, Some(2))).await, FinishedJob::Recorded);
    let job = look(&*store, &id).await;
    assert_eq!(job.answer, Some(json!({"exit_code": 0, "of": 2})));
    assert_eq!(job.late_results.iter().map(|late| late.epoch).collect::<Vec<_>>(), [1]);
}

pub async fn a_result_of_a_requeued_attempt_ends_the_job_unless_it_gave_up(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = running(&*store, &node, NewJob { repeatable: true, ..job() }).await;
    reap(&*store, T0 + TTL).await;
    let gave_up = Finish { state: JobState::Cancelled, ..success(&id, Some(1)) };
    assert_eq!(finish(&*store, &node, gave_up).await, FinishedJob::Superseded);
    assert_eq!(look(&*store, &id).await.state, JobState::Queued);

    assert_eq!(claim_at(&*store, &node, T0 + TTL).await, [id]);

    let id = running(&*store, &node, NewJob { repeatable: true, ..job() }).await;
    reap(&*store, T0 + TTL).await;
    assert_eq!(look(&*store, &id).await.state, JobState::Queued);
    assert_eq!(finish(&*store, &node, success(&id, Some(1))).await, FinishedJob::Recorded);
    assert!(!claim_at(&*store, &node, T0 + TTL).await.contains(&id), "its end took it out of the queue");
    assert_eq!(look(&*store, &id).await.state, JobState::Succeeded);
}

pub async fn a_result_from_a_node_that_never_had_the_job_is_unknown(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let id = running(&*store, &a, job()).await;
    assert_eq!(finish(&*store, &b, success(&id, Some(1))).await, FinishedJob::Unknown);
    assert_eq!(finish(&*store, &b, success(&id, None)).await, FinishedJob::Unknown);
    assert_eq!(finish(&*store, &a, success(&id, Some(2))).await, FinishedJob::Unknown, "no such attempt");
    assert_eq!(finish(&*store, &a, success("job_nothing", Some(1))).await, FinishedJob::Unknown);
    let job = look(&*store, &id).await;
    assert_eq!(job.state, JobState::Running);
    assert!(job.late_results.is_empty());
}
