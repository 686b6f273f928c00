//! Nodes.

use super::*;
use crate::gateway::store::{Beat, BeatOutcome};
use crate::wire::node::NodeCondition;
use crate::wire::v1::ErrorCode;

async fn id_by_token(store: &dyn Store, hash: &str) -> Option<String> {
    store.node_by_token(hash).await.unwrap().map(|node| node.id)
}

pub async fn a_node_joins_under_a_free_name(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let same_name =
        |n: u32| NewNode { name: "box".into(), labels: labels(&[("n", &n.to_string())]), ..machine(&format!("m{n}")) };
    let mut names = Vec::new();
    for n in 0..3 {
        let (node, new) = store.join_node(same_name(n), T0).await.unwrap();
        assert!(new && node.id.starts_with("shn_"));
        assert_eq!((node.created_ms, node.last_beat_ms, node.removed_ms), (T0, None, None));
        assert_eq!(node.labels, labels(&[("n", &n.to_string())]));
        assert_eq!(store.node(&node.id).await.unwrap().as_ref(), Some(&node));
        assert_eq!(store.node(&node.name).await.unwrap().as_ref(), Some(&node));
        names.push(node.name);
    }
    assert_eq!(names, ["box", "box-2", "box-3"]);
    store.join_node(NewNode { name: "abc".into(), ..machine("m9") }, T0).await.unwrap();
    let listed: Vec<_> = store.nodes(false).await.unwrap().into_iter().map(|node| node.name).collect();
    assert_eq!(listed, ["abc", "box", "box-2", "box-3"]);
    assert!(store.node("nothing").await.unwrap().is_none());
}

pub async fn the_name_of_a_removed_node_is_free(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let named = |key: &str| NewNode { name: "box".into(), ..machine(key) };
    let (first, _) = store.join_node(named("a"), T0).await.unwrap();
    assert!(store.remove_node(&first.id, T0).await.unwrap());
    let (second, _) = store.join_node(named("b"), T0).await.unwrap();
    assert_eq!((second.name.as_str(), store.node("box").await.unwrap().unwrap().id), ("box", second.id.clone()));
    let (back, new) = store.join_node(named("a"), T0).await.unwrap();
    assert_eq!((back.id, back.name.as_str(), new), (first.id, "box-2", false));
    assert!(store.remove_node(&second.id, T0).await.unwrap());
    let (again, _) = store.join_node(named("a"), T0).await.unwrap();
    assert_eq!(again.name, "box");
}

pub async fn a_name_is_never_the_id_of_another_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let first = join(store.as_ref(), "a").await;
    let second = NewNode { name: first.id.clone(), ..machine("b") };
    for _ in 0..2 {
        let (second, _) = store.join_node(second.clone(), T0).await.unwrap();
        assert_eq!(second.name, format!("{}-2", first.id));
    }
    assert_eq!(store.node(&first.id).await.unwrap().unwrap().id, first.id);
}

pub async fn a_machine_that_joins_again_stays_the_same_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let first = NewNode { labels: labels(&[("gpu", "yes")]), ..machine("a") };
    let (node, _) = store.join_node(first.clone(), T0).await.unwrap();
    join(&*store, "taken").await;

    let again = NewNode {
        name: "taken".into(),
        labels: BTreeMap::new(),
        token_hash: "second".into(),
        version: "0.2.0".into(),
        ..first.clone()
    };
    let (same, new) = store.join_node(again, T0 + 1).await.unwrap();
    assert!(!new);
    assert_eq!((&same.id, same.name.as_str(), same.version.as_str()), (&node.id, "a", "0.2.0"));
    assert_eq!((same.created_ms, &same.labels), (T0, &node.labels), "no labels given: those it had");
    assert_eq!(id_by_token(&*store, "token of a").await, None, "the old token stopped working");
    assert_eq!(id_by_token(&*store, "second").await.as_ref(), Some(&node.id));

    let renamed = NewNode { name: "new".into(), labels: labels(&[("cpu", "8")]), token_hash: "third".into(), ..first };
    let (same, _) = store.join_node(renamed, T0 + 2).await.unwrap();
    assert_eq!((same.id, same.name.as_str(), same.labels), (node.id, "new", labels(&[("cpu", "8")])));
    assert!(store.node("a").await.unwrap().is_none());
}

pub async fn a_removed_node_comes_back_when_it_joins(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    store.set_drain(&node.id, true).await.unwrap();
    assert!(store.remove_node(&node.id, T0 + 1).await.unwrap());
    assert!(store.remove_node(&node.id, T0 + 2).await.unwrap());
    assert!(!store.remove_node("shn_nothing", T0).await.unwrap());
    assert!(store.nodes(false).await.unwrap().is_empty());
    assert_eq!(store.nodes(true).await.unwrap()[0].removed_ms, Some(T0 + 1));
    let by_token = store.node_by_token("token of a").await.unwrap().unwrap();
    assert_eq!(by_token.removed_ms, Some(T0 + 1), "it can be told that it was removed");
    assert_eq!(store.beat(&node.id, Beat::default(), T0).await.unwrap(), BeatOutcome::Removed);
    assert!(!store.rotate_token(&node.id, "x").await.unwrap());
    assert!(!store.set_drain(&node.id, true).await.unwrap());

    let (back, new) = store.join_node(machine("a"), T0 + 3).await.unwrap();
    assert_eq!((back.id, new, back.removed_ms, back.drain), (node.id, false, None, false));
}

pub async fn a_heartbeat_of_an_older_instance_is_superseded(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let beat = async |instance: Option<&str>, starting: bool, slots: u32| {
        let beat = Beat { instance_id: instance.map(str::to_owned), starting, slots, ..Beat::default() };
        store.beat(&node.id, beat, T0).await.unwrap()
    };
    let kept = |outcome: BeatOutcome| match outcome {
        BeatOutcome::Kept(node) => (node.instance_id, node.slots),
        other => panic!("{other:?}"),
    };
    let one = Some("one".to_owned());
    assert_eq!(kept(beat(Some("one"), true, 1).await), (one.clone(), 1));
    assert_eq!(kept(beat(Some("one"), false, 2).await), (one, 2));
    assert_eq!(kept(beat(Some("two"), true, 3).await), (Some("two".to_owned()), 3));
    assert_eq!(beat(Some("one"), false, 9).await, BeatOutcome::Superseded);
    assert_eq!(store.node(&node.id).await.unwrap().unwrap().slots, 3, "nothing of it is kept");
    assert_eq!(kept(beat(None, false, 4).await), (Some("two".to_owned()), 4), "protocol 1 has no instances");
    assert_eq!(store.beat("shn_nothing", Beat::default(), T0).await.unwrap(), BeatOutcome::Removed);
}

pub async fn a_heartbeat_changes_what_is_kept(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = store.join_node(NewNode { labels: labels(&[("a", "1")]), ..machine("a") }, T0).await.unwrap().0;
    let condition = NodeCondition {
        kind: "disk".into(),
        ok: false,
        reason: "full".into(),
        message: "0 bytes are free".into(),
        for_ms: 5,
    };
    let beat = Beat {
        version: "0.3.0".into(),
        protocol: 1,
        status: "degraded".into(),
        draining: true,
        slots: 7,
        conditions: vec![condition.clone()],
        ..Beat::default()
    };
    let kept = store.beat(&node.id, beat.clone(), T0 + 9).await.unwrap();
    let BeatOutcome::Kept(kept) = kept else { panic!("{kept:?}") };
    assert_eq!((kept.version.as_str(), kept.protocol, kept.status.as_str()), ("0.3.0", 1, "degraded"));
    assert_eq!((kept.draining, kept.slots, kept.conditions.clone()), (true, 7, vec![condition]));
    assert_eq!((kept.last_beat_ms, kept.labels.clone()), (Some(T0 + 9), labels(&[("a", "1")])));
    assert_eq!(store.node("a").await.unwrap(), Some(kept));
    let relabelled = Beat { labels: Some(BTreeMap::new()), ..beat };
    store.beat(&node.id, relabelled, T0).await.unwrap();
    assert!(store.node("a").await.unwrap().unwrap().labels.is_empty());
}

pub async fn a_rotated_token_replaces_the_old_one_when_it_is_used(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    let id = Some(node.id.clone());
    assert!(!store.rotate_token("shn_nothing", "x").await.unwrap());
    assert!(store.rotate_token(&node.id, "second").await.unwrap());
    assert_eq!(id_by_token(&*store, "token of a").await, id);
    assert_eq!(id_by_token(&*store, "token of a").await, id, "good until the new one was used");
    assert_eq!(id_by_token(&*store, "second").await, id);
    assert_eq!(id_by_token(&*store, "token of a").await, None);
    assert_eq!(id_by_token(&*store, "second").await, id);

    store.rotate_token(&node.id, "third").await.unwrap();
    store.rotate_token(&node.id, "fourth").await.unwrap();
    assert_eq!(id_by_token(&*store, "third").await, None, "replaced before it was used");
    assert_eq!(id_by_token(&*store, "fourth").await, id);
    store.rotate_token(&node.id, "fifth").await.unwrap();
    store.join_node(NewNode { token_hash: "joined".into(), ..machine("a") }, T0).await.unwrap();
    assert_eq!(id_by_token(&*store, "fifth").await, None, "a join ends them all");
    assert_eq!(id_by_token(&*store, "joined").await, id);
}

pub async fn removing_a_node_moves_its_jobs(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let (a, b) = (join(&*store, "a").await, join(&*store, "b").await);
    let bound = || NewJob { node_id: Some(a.id.clone()), ..job() };
    let runs = running(&*store, &a, NewJob { repeatable: true, ..job() }).await;
    let held = leased(&*store, &a, job()).await;
    let held_bound = leased(&*store, &a, bound()).await;
    let held_last = leased(&*store, &a, NewJob { max_attempts: 1, ..job() }).await;
    let held_cancelled = leased(&*store, &a, job()).await;
    store.cancel(&held_cancelled, T0).await.unwrap();
    let queued_bound = enqueue(&*store, bound()).await;
    let done = leased(&*store, &b, job()).await;
    finish(&*store, &b, success(&done, Some(1))).await;
    let free = enqueue(&*store, job()).await;

    store.remove_node(&a.id, T0 + 1).await.unwrap();
    assert_eq!(state_of(&*store, &runs).await, because(JobState::Lost, "node_removed"));
    assert_eq!(state_of(&*store, &held).await, because(JobState::Queued, "node_removed"));
    assert_eq!(state_of(&*store, &held_bound).await, because(JobState::Failed, "node_removed"));
    assert_eq!(state_of(&*store, &held_last).await, because(JobState::Lost, "max_attempts"));
    assert_eq!(state_of(&*store, &held_cancelled).await, because(JobState::Cancelled, "cancel_requested"));
    assert_eq!(state_of(&*store, &queued_bound).await, because(JobState::Failed, "node_removed"));
    let failure = look(&*store, &queued_bound).await.failure;
    assert_eq!(failure.map(|failure| failure.code), Some(ErrorCode::NodeRemoved));
    assert_eq!(store.active_jobs(&a.id).await.unwrap(), 0);
    assert_eq!(claim_at(&*store, &b, T0 + 1).await, [held, free]);
    assert_eq!(finish(&*store, &a, success(&runs, Some(1))).await, FinishedJob::Superseded);
}

pub async fn drain_is_a_flag(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    for drain in [true, false] {
        assert!(store.set_drain(&node.id, drain).await.unwrap());
        assert_eq!(store.node(&node.id).await.unwrap().unwrap().drain, drain);
    }
    assert!(!store.set_drain("shn_nothing", true).await.unwrap());
}
