//! Claims.

use super::*;
use crate::wire::node::BodyRef;
use std::collections::HashSet;

pub async fn a_claim_takes_the_lowest_priority_and_then_the_oldest(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let mut expected = Vec::new();
    for (priority, bound, place) in [(0, false, 2), (5, true, 4), (-5, true, 0), (0, true, 3), (-5, false, 1)] {
        let node_id = bound.then(|| node.id.clone());
        expected.push((place, enqueue(&*store, NewJob { priority, node_id, ..job() }).await));
    }
    expected.sort();
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    assert_eq!(claim_at(&*store, &node, T0).await, expected);
    assert!(claim_at(&*store, &node, T0).await.is_empty(), "all are leased");
}

pub async fn a_claim_obeys_its_limit_and_its_highest_priority(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let mut ids = Vec::new();
    for priority in [10, 1, 2, 3] {
        ids.push(enqueue(&*store, NewJob { priority, ..job() }).await);
    }
    let claim = Claim { limit: 2, max_priority: Some(2), ..claim_for(&node) };
    let first = store.claim(Claim { limit: 1, ..claim.clone() }, T0).await.unwrap();
    assert_eq!(first.iter().map(|job| &job.id).collect::<Vec<_>>(), [&ids[1]]);
    let second = store.claim(claim.clone(), T0).await.unwrap();
    assert_eq!(second.iter().map(|job| &job.id).collect::<Vec<_>>(), [&ids[2]]);
    assert!(store.claim(Claim { limit: 0, max_priority: None, ..claim }, T0).await.unwrap().is_empty());
}

pub async fn a_claim_skips_jobs_of_other_nodes(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let of_b = enqueue(&*store, NewJob { node_id: Some(b.id.clone()), ..job() }).await;
    assert!(claim_at(&*store, &a, T0).await.is_empty());
    assert_eq!(claim_at(&*store, &b, T0).await, [of_b]);
}

pub async fn a_claim_needs_every_label_of_the_job(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let wanted = [("gpu", "yes"), ("zone", "a \"quoted\" zone")];
    let both = enqueue(&*store, NewJob { labels: labels(&wanted), ..job() }).await;
    let one = enqueue(&*store, NewJob { labels: labels(&wanted[..1]), ..job() }).await;
    let bound = enqueue(&*store, NewJob { labels: labels(&wanted), node_id: Some(node.id.clone()), ..job() }).await;
    let has = |pairs: &[(&str, &str)]| Claim { labels: labels(pairs), ..claim_for(&node) };
    for too_few in [&[][..], &[("gpu", "no")], &[("zone", "yes")], &[("yes", "gpu")]] {
        assert!(store.claim(has(too_few), T0).await.unwrap().is_empty(), "{too_few:?}");
    }
    let got = store.claim(has(&[("gpu", "yes"), ("more", "1")]), T0).await.unwrap();
    assert_eq!(got.iter().map(|job| &job.id).collect::<Vec<_>>(), [&one]);
    let got = store.claim(has(&wanted), T0).await.unwrap();
    assert_eq!(got.iter().map(|job| &job.id).collect::<Vec<_>>(), [&both, &bound]);
    assert_eq!(got[0].job.labels, labels(&wanted));
}

pub async fn a_claim_skips_jobs_above_the_nodes_protocol(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let new = enqueue(&*store, job()).await;
    let old = enqueue(&*store, NewJob { min_protocol: 1, ..job() }).await;
    let got = store.claim(Claim { protocol: 1, ..claim_for(&node) }, T0).await.unwrap();
    assert_eq!(got.iter().map(|job| &job.id).collect::<Vec<_>>(), [&old]);
    assert_eq!(claim_at(&*store, &node, T0).await, [new]);
}

pub async fn a_claim_by_a_removed_or_unknown_node_is_empty(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = enqueue(&*store, job()).await;
    store.remove_node(&node.id, T0).await.unwrap();
    assert!(claim_at(&*store, &node, T0).await.is_empty());
    let nobody = Claim { node_id: "shn_nobody".into(), ..claim_for(&node) };
    assert!(store.claim(nobody, T0).await.unwrap().is_empty());
    assert_eq!(look(&*store, &id).await.state, JobState::Queued);
}

pub async fn a_claim_gives_back_what_was_submitted(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let body = BodyRef { size: 2, sha256: "ab".into(), base64: Some("aGk=".into()), stream: false };
    let submitted = NewJob {
        node_id: Some(node.id.clone()),
        labels: BTreeMap::new(),
        params: json!({"text": "\u{0}ü\n", "big": u64::MAX, "f": 0.1, "deep": {"z": 1, "a": [null]}})
            .as_object()
            .cloned()
            .unwrap(),
        body: Some(body.clone()),
        priority: -3,
        repeatable: true,
        durable: false,
        caller: Some("key_1".into()),
        idempotency: Some(("key_1".into(), "once".into(), "hash".into())),
        ..job()
    };
    let id = enqueue(&*store, submitted.clone()).await;
    let claimed = store.claim(claim_for(&node), T0 + 5).await.unwrap().remove(0);
    for seen in [&claimed, &look(&*store, &id).await] {
        assert_eq!((seen.state, seen.epoch, seen.started), (JobState::Leased, 1, false));
        assert_eq!(seen.leased_to.as_deref(), Some(node.id.as_str()));
        assert!(seen.lease_id.as_deref().unwrap().starts_with("lease_"));
        assert_eq!((seen.created_ms, seen.lease_expires_ms), (T0, Some(T0 + 5 + GRACE)));
        assert_eq!((seen.started_ms, seen.finished_ms), (None, None));
        assert_eq!(format!("{:?}", seen.job), format!("{submitted:?}"));
    }
}

pub async fn claimers_at_the_same_time_never_share_a_job(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut queued = HashSet::new();
    for n in 0..500 {
        let labels = if n % 5 == 0 { labels(&[("gpu", "yes")]) } else { BTreeMap::new() };
        queued.insert(enqueue(&*store, NewJob { durable: false, priority: n % 3, labels, ..job() }).await);
    }
    let mut claimers = Vec::new();
    for n in 0..8 {
        let mut node = join(&*store, &format!("n{n}")).await;
        node.labels = labels(&[("gpu", "yes")]);
        let store = Arc::clone(&store);
        claimers.push(tokio::spawn(async move {
            let mut got = Vec::new();
            loop {
                let jobs = store.claim(Claim { limit: 7, ..claim_for(&node) }, T0).await.unwrap();
                if jobs.is_empty() {
                    return got;
                }
                got.extend(jobs.into_iter().map(|job| (job.id, job.epoch, job.lease_id)));
            }
        }));
    }
    let mut jobs = HashSet::new();
    let mut leases = HashSet::new();
    for claimer in claimers {
        for (id, epoch, lease_id) in claimer.await.unwrap() {
            assert_eq!(epoch, 1);
            assert!(jobs.insert(id), "leased twice");
            assert!(leases.insert(lease_id), "two leases with one id");
        }
    }
    assert_eq!(jobs, queued);
}
