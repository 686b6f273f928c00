//! The audit log, and the acts of an operator that it is about.

use super::*;
use crate::gateway::store::{
    AuditFilter, AuditRecord, EditOutcome, GrantChange, GrantOutcome, NewAudit, NewKey, NodeEdit, acts,
};
use crate::wire::gateway::{Grant, Scope};

async fn log(store: &dyn Store) -> Vec<AuditRecord> {
    store.audit_log(AuditFilter { limit: 100, ..AuditFilter::default() }).await.unwrap()
}

fn key(hash: &str) -> NewKey {
    NewKey {
        hash: hash.into(),
        scopes: vec![Scope::Call],
        label: Some("ci".into()),
        expires_ms: None,
        uses: None,
        grants: None,
    }
}

pub async fn every_act_is_written_down_with_who_did_it(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let by = store.by("key_admin");
    let made = by.create_key(key("secret hash"), T0).await.unwrap();
    let grant = Grant { node: None, labels: labels(&[("gpu", "yes")]) };
    by.change_grants(&made.id, GrantChange::Add(grant.clone()), T0 + 1).await.unwrap();
    by.change_grants(&made.id, GrantChange::Add(grant.clone()), T0 + 1).await.unwrap();
    by.change_grants(&made.id, GrantChange::Remove(grant), T0 + 2).await.unwrap();
    by.change_grants(&made.id, GrantChange::Lift, T0 + 3).await.unwrap();
    for _ in 0..2 {
        by.revoke_key(&made.id, T0 + 4).await.unwrap();
    }
    let (node, _) = store.by("key_enroll").join_node(machine("a"), T0 + 5).await.unwrap();
    store.set_drain(&node.id, true).await.unwrap();
    by.set_drain(&node.id, false).await.unwrap();
    by.rotate_token(&node.id, "hash of a new token").await.unwrap();
    let edit = NodeEdit { name: Some("b".into()), labels: [("zone".to_owned(), Some("x".to_owned()))].into() };
    by.edit_node(&node.id, edit, T0 + 6).await.unwrap();
    for _ in 0..2 {
        store.by(&node.id).remove_node(&node.id, T0 + 7).await.unwrap();
        by.restore_node(&node.id, T0 + 8).await.unwrap();
        by.restore_node(&node.id, T0 + 8).await.unwrap();
    }
    let approved = NewAudit { act: "registration.approved".into(), subject: "reg_1".into(), detail: json!({"a": 1}) };
    by.audit(approved, T0 + 9).await.unwrap();

    let log = log(&*store).await;
    let told: Vec<_> = log.iter().rev().map(|entry| (entry.act.as_str(), entry.by.as_str())).collect();
    let admin = "key_admin";
    assert_eq!(
        told,
        [
            (acts::KEY_CREATED, admin),
            (acts::GRANT_ADDED, admin),
            (acts::GRANT_REMOVED, admin),
            (acts::GRANTS_LIFTED, admin),
            (acts::KEY_REVOKED, admin),
            (acts::NODE_JOINED, "key_enroll"),
            (acts::NODE_DRAINED, "local"),
            (acts::NODE_RESUMED, admin),
            (acts::NODE_ROTATED, admin),
            (acts::NODE_RENAMED, admin),
            (acts::NODE_LABELLED, admin),
            (acts::NODE_REMOVED, &node.id),
            (acts::NODE_RESTORED, admin),
            (acts::NODE_REMOVED, &node.id),
            (acts::NODE_RESTORED, admin),
            ("registration.approved", admin),
        ]
    );
    assert_eq!((&log[0].subject, &log[0].detail, log[0].at_ms), (&"reg_1".to_owned(), &json!({"a": 1}), T0 + 9));
    assert_eq!(log.last().unwrap().detail, json!({"scopes": ["call"], "label": "ci", "grants": null}));
    assert!(!format!("{log:?}").contains("hash"), "neither a secret nor its hash: {log:#?}");
}

pub async fn the_audit_log_is_read_in_pages_and_survives_a_reopen(fixture: &dyn Fixture) {
    for n in 0..5 {
        let store = fixture.open().await;
        let entry = NewAudit { act: "test".into(), subject: n.to_string(), detail: json!({}) };
        store.audit(entry, T0 + n).await.unwrap();
    }
    let store = fixture.open().await;
    let subjects = async |filter: AuditFilter| -> Vec<String> {
        store.audit_log(filter).await.unwrap().into_iter().map(|entry| entry.subject).collect()
    };
    let newest = store.audit_log(AuditFilter { limit: 2, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(newest.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [5, 4]);
    let rest = AuditFilter { before: Some(newest[1].seq), limit: 10, ..AuditFilter::default() };
    assert_eq!(subjects(rest).await, ["2", "1", "0"]);
    let since = AuditFilter { since_ms: Some(T0 + 3), limit: 10, ..AuditFilter::default() };
    assert_eq!(subjects(since).await, ["4", "3"]);
}

pub async fn a_key_without_its_last_grant_may_use_no_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let made = store.create_key(key("k"), T0).await.unwrap();
    assert!(made.may_use("shn_1", &BTreeMap::new()));
    let of_node = |node: &str| Grant { node: Some(node.into()), labels: BTreeMap::new() };
    let changed = |outcome| match outcome {
        GrantOutcome::Changed(key) => key,
        other => panic!("{other:?}"),
    };
    let change = async |change| store.change_grants(&made.id, change, T0).await.unwrap();
    let limited = changed(change(GrantChange::Add(of_node("shn_1"))).await);
    assert!(limited.may_use("shn_1", &BTreeMap::new()) && !limited.may_use("shn_2", &BTreeMap::new()));
    assert!(matches!(change(GrantChange::Remove(of_node("shn_2"))).await, GrantOutcome::Unchanged(_)));
    let none = changed(change(GrantChange::Remove(of_node("shn_1"))).await);
    assert_eq!(none.grants.as_deref(), Some(&[][..]));
    assert!(!none.may_use("shn_1", &BTreeMap::new()));
    let checked = store.check_key("k", Scope::Call, true, T0).await.unwrap();
    assert_eq!(checked, crate::gateway::store::KeyCheck::Good(none));
    assert_eq!(changed(change(GrantChange::Lift).await), made);
    let unknown = store.change_grants("key_no", GrantChange::Lift, T0).await.unwrap();
    assert_eq!(unknown, GrantOutcome::Unknown);
}

pub async fn an_operators_name_and_labels_win(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut first = machine("a");
    first.labels = labels(&[("os", "linux"), ("gpu", "no")]);
    let (node, _) = store.join_node(first.clone(), T0).await.unwrap();
    let other = join(&*store, "other").await;
    let edit = async |name: Option<&str>, pairs: &[(&str, Option<&str>)]| {
        let labels = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        store.edit_node(&node.id, NodeEdit { name: name.map(str::to_owned), labels }, T0).await.unwrap()
    };
    let edited = |outcome| match outcome {
        EditOutcome::Edited(node) => node,
        other => panic!("{other:?}"),
    };
    let now = edited(edit(Some("attic"), &[("gpu", Some("yes")), ("rack", Some("7"))]).await);
    assert_eq!((now.name.as_str(), &now.labels), ("attic", &labels(&[("os", "linux"), ("gpu", "yes"), ("rack", "7")])));

    let beat =
        crate::gateway::store::Beat { labels: Some(labels(&[("gpu", "no"), ("os", "bsd")])), ..Default::default() };
    let crate::gateway::store::BeatOutcome::Kept(beaten) = store.beat(&node.id, beat, T0).await.unwrap() else {
        panic!("not kept");
    };
    assert_eq!(beaten.labels, labels(&[("os", "bsd"), ("gpu", "yes"), ("rack", "7")]));
    let (again, _) = store.join_node(first, T0 + 1).await.unwrap();
    assert_eq!((again.name.as_str(), again.labels["gpu"].as_str()), ("attic", "yes"), "set up again");
    for found in [store.node("attic").await.unwrap(), store.node_by_token("token of a").await.unwrap()] {
        assert_eq!(found.unwrap().labels, again.labels);
    }
    let back = edited(edit(None, &[("gpu", None), ("never", None)]).await);
    assert_eq!(back.labels, labels(&[("os", "linux"), ("gpu", "no"), ("rack", "7")]));

    assert_eq!(edit(Some("other"), &[("x", Some("y"))]).await, EditOutcome::NameTaken(other.id.clone()));
    assert!(!store.node("attic").await.unwrap().unwrap().labels.contains_key("x"), "nothing of it was kept");
    store.remove_node(&other.id, T0).await.unwrap();
    assert_eq!(edited(edit(Some("other"), &[]).await).name, "other", "a removed node gives its name up");
    let gone = store.edit_node(&other.id, NodeEdit::default(), T0).await.unwrap();
    assert_eq!(gone, EditOutcome::Unknown);
}

pub async fn a_removal_is_taken_back(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(&*store, "a").await;
    store.remove_node(&node.id, T0).await.unwrap();
    let successor = store.join_node(NewNode { name: "a".into(), ..machine("b") }, T0).await.unwrap().0;
    assert_eq!(successor.name, "a");
    assert!(store.restore_node(&node.id, T0).await.unwrap());
    let back = store.node_by_token("token of a").await.unwrap().unwrap();
    assert_eq!((back.removed_ms, back.name.as_str()), (None, "a-2"));
    assert!(!store.restore_node("shn_no", T0).await.unwrap());
}
