//! Submissions and lists.

use super::*;
use crate::gateway::store::JobFilter;
use crate::wire::node::{AnswerBody, BodyRef};

fn submission(hash: &str) -> NewJob {
    NewJob { idempotency: Some(("key_1".into(), "once".into(), hash.into())), ..job() }
}

pub async fn an_idempotency_key_gives_the_same_job_or_says_that_the_request_differs(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let id = enqueue(&*store, submission("h1")).await;
    let again = store.enqueue(submission("h1"), T0 + 1).await.unwrap();
    assert!(matches!(&again, Enqueued::Existing(job) if job.id == id && job.created_ms == T0), "{again:?}");
    let other = store.enqueue(submission("h2"), T0 + 1).await.unwrap();
    assert!(matches!(&other, Enqueued::Mismatch(there) if *there == id), "{other:?}");

    let mut elsewhere = submission("h2");
    elsewhere.idempotency = Some(("key_2".into(), "once".into(), "h2".into()));
    assert_ne!(enqueue(&*store, elsewhere).await, id, "another caller's keys are its own");
    let mut another = submission("h2");
    another.idempotency = Some(("key_1".into(), "twice".into(), "h2".into()));
    assert_ne!(enqueue(&*store, another).await, id);
    assert_ne!(enqueue(&*store, job()).await, enqueue(&*store, job()).await, "without a key nothing is the same");
}

pub async fn the_same_submission_at_the_same_time_makes_one_job(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut submitting = Vec::new();
    for _ in 0..10 {
        let store = Arc::clone(&store);
        submitting.push(tokio::spawn(async move { store.enqueue(submission("h"), T0).await.unwrap() }));
    }
    let (mut new, mut ids) = (0, Vec::new());
    for submitted in submitting {
        match submitted.await.unwrap() {
            Enqueued::New(job) => {
                new += 1;
                ids.push(job.id);
            }
            Enqueued::Existing(job) => ids.push(job.id),
            Enqueued::Mismatch(id) => panic!("{id} is the same request"),
        }
    }
    ids.dedup();
    assert_eq!((new, ids.len()), (1, 1));
}

pub async fn jobs_are_listed_newest_first_by_state_node_and_cursor(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let done = running(&*store, &a, job()).await;
    finish(&*store, &a, success(&done, Some(1))).await;
    let held = leased(&*store, &a, job()).await;
    let waits = enqueue(&*store, NewJob { node_id: Some(a.id.clone()), ..job() }).await;
    let free = enqueue(&*store, job()).await;
    let of_b = enqueue(&*store, NewJob { node_id: Some(b.id.clone()), caller: Some("key_1".into()), ..job() }).await;

    let ids = async |filter| -> Vec<String> {
        store.jobs(filter).await.unwrap().into_iter().map(|job: JobRecord| job.id).collect()
    };
    let all = JobFilter { limit: 10, ..JobFilter::default() };
    assert_eq!(ids(all.clone()).await, [&of_b, &free, &waits, &held, &done].map(Clone::clone));
    assert_eq!(ids(JobFilter { limit: 2, ..all.clone() }).await, [of_b.clone(), free.clone()]);
    assert_eq!(ids(JobFilter { before: Some(waits.clone()), ..all.clone() }).await, [held.clone(), done.clone()]);
    let of_a = JobFilter { node_id: Some(a.id.clone()), ..all.clone() };
    assert_eq!(ids(of_a.clone()).await, [waits.clone(), held.clone(), done.clone()]);
    let open = vec![JobState::Queued, JobState::Leased];
    assert_eq!(ids(JobFilter { states: open.clone(), ..of_a }).await, [waits.clone(), held.clone()]);
    assert_eq!(ids(JobFilter { states: open, ..all.clone() }).await, [of_b.clone(), free, waits, held.clone()]);
    let of_caller = JobFilter { caller: Some("key_1".into()), ..all.clone() };
    assert_eq!(ids(of_caller).await, std::slice::from_ref(&of_b));
    let ended_or_held = vec![JobState::Succeeded, JobState::Leased];
    assert_eq!(ids(JobFilter { states: ended_or_held, ..all }).await, [held, done]);
    assert!(store.job("job_nothing").await.unwrap().is_none());
}

pub async fn everything_is_there_after_a_reopen(fixture: &dyn Fixture) {
    let (key, node, jobs) = {
        let store = fixture.open().await;
        let key = crate::gateway::store::NewKey {
            hash: "h".into(),
            scopes: vec![crate::wire::gateway::Scope::Call],
            label: Some("ci".into()),
            expires_ms: None,
            uses: Some(3),
            grants: Some(Vec::new()),
        };
        let key = store.create_key(key, T0).await.unwrap();
        let node = join(&*store, "a").await;
        let done = running(&*store, &node, job()).await;
        let event = crate::wire::node::Event {
            seq: 0,
            kind: crate::wire::node::EventKind::Stderr,
            offset: 0,
            data: "aGk=".into(),
        };
        store.append_events(&done, &node.id, 1, &[event], TTL as u64, T0).await.unwrap();
        finish(&*store, &node, success(&done, Some(1))).await;
        let held = running(&*store, &node, NewJob { durable: false, ..job() }).await;
        let queued = enqueue(&*store, submission("h")).await;
        let jobs = [look(&*store, &done).await, look(&*store, &held).await, look(&*store, &queued).await];
        (key, store.node(&node.id).await.unwrap(), jobs)
    };
    let store = fixture.open().await;
    assert_eq!(store.keys().await.unwrap(), [key]);
    assert_eq!(store.node("a").await.unwrap(), node);
    for job in &jobs {
        assert_eq!(format!("{:?}", look(&*store, &job.id).await), format!("{job:?}"));
    }
    assert_eq!(store.events(&jobs[0].id, None, 10).await.unwrap()[0].data, b"hi");
    let node = node.unwrap();
    assert_eq!(claim_at(&*store, &node, T0).await, [jobs[2].id.clone()]);
    assert_eq!(finish(&*store, &node, success(&jobs[1].id, Some(1))).await, FinishedJob::Recorded);
    assert_eq!(finish(&*store, &node, success(&jobs[0].id, Some(1))).await, FinishedJob::Duplicate);
}

pub async fn the_blobs_of_bodies_and_answers_are_referred_to(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let body = |sha256: &str, base64: Option<&str>| {
        Some(BodyRef { size: 1, sha256: sha256.into(), base64: base64.map(str::to_owned), stream: false })
    };
    let blob = leased(&*store, &node, NewJob { body: body("aa", None), ..job() }).await;
    leased(&*store, &node, NewJob { body: body("bb", Some("YQ==")), ..job() }).await;
    leased(&*store, &node, job()).await;
    let answer_body =
        Some(AnswerBody { size: 1, sha256: "cc".into(), content_type: "application/x-tar".into(), base64: None });
    finish(&*store, &node, Finish { answer_body, ..success(&blob, Some(1)) }).await;
    let mut blobs: Vec<_> = store.referred_blobs().await.unwrap().into_iter().collect();
    blobs.sort();
    assert_eq!(blobs, ["aa", "cc"]);
}
