//! Registrations, enrolments, reports, and nodes that come back.

use super::*;
use crate::gateway::store::{
    Decided, EnrollmentCheck, NewEnrollment, NewRegistration, Registered, RegistrationLimits, RegistrationRecord,
};
use crate::wire::gateway::RegistrationState;
use crate::wire::node::ClientId;

const LIMITS: RegistrationLimits = RegistrationLimits { pending: 3, per_minute: 5 };
/// How long a registration lasts here.
const LASTS: i64 = 600_000;

fn registration(code: &str, machine: &str) -> NewRegistration {
    NewRegistration {
        code: code.into(),
        node_id: format!("shn_{code}"),
        secret_hash: format!("secret of {code}"),
        handle: "somebody".into(),
        name: "box".into(),
        fingerprint: format!("sha256:{machine}"),
        version: "0.1.128".into(),
        client_allowlist: vec![ClientId { kind: "domain".into(), value: "heka".into() }],
        expires_ms: T0 + LASTS,
    }
}

async fn register(store: &dyn Store, code: &str, machine: &str, now_ms: i64) -> Option<RegistrationRecord> {
    match store.register(registration(code, machine), LIMITS, now_ms).await.unwrap() {
        Registered::Waiting(record) => Some(record),
        Registered::TooMany => None,
    }
}

pub async fn a_registration_is_decided_once_and_proved_by_its_secret(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let kept = register(store.as_ref(), "a", "a", T0).await.unwrap();
    assert_eq!(
        (kept.state, kept.node_id.as_str(), kept.client_allowlist.len()),
        (RegistrationState::Pending, "shn_a", 1)
    );
    assert_eq!(store.registrations(T0).await.unwrap(), std::slice::from_ref(&kept));
    let proved = async |id, secret, now| store.proved_registration(id, secret, now).await.unwrap();
    assert_eq!(proved("shn_a", "secret of a", T0).await, Some(kept.clone()));
    assert_eq!((proved("shn_a", "another", T0).await, proved("shn_b", "secret of a", T0).await), (None, None));

    let approved = RegistrationRecord { state: RegistrationState::Approved, ..kept };
    for _ in 0..2 {
        assert_eq!(store.decide_registration("a", true, T0).await.unwrap(), Decided::Now(approved.clone()));
    }
    assert_eq!(store.decide_registration("a", false, T0).await.unwrap(), Decided::Otherwise(approved.clone()));
    assert_eq!(store.decide_registration("b", true, T0).await.unwrap(), Decided::Unknown);
    assert_eq!(proved("shn_a", "secret of a", T0 + LASTS - 1).await, Some(approved));
    assert_eq!(proved("shn_a", "secret of a", T0 + LASTS).await, None, "its time is over");
    assert_eq!(store.decide_registration("a", true, T0 + LASTS).await.unwrap(), Decided::Unknown);
    assert!(store.registrations(T0 + LASTS).await.unwrap().is_empty());
}

pub async fn registrations_are_bounded_and_a_machine_has_one(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let codes = async |now| store.registrations(now).await.unwrap().into_iter().map(|one| one.code).collect::<Vec<_>>();
    register(store.as_ref(), "a", "same", T0).await.unwrap();
    register(store.as_ref(), "b", "same", T0 + 1).await.unwrap();
    assert_eq!(codes(T0).await, ["b"], "the earlier one of the machine is gone");
    register(store.as_ref(), "c", "2", T0 + 2).await.unwrap();
    register(store.as_ref(), "d", "3", T0 + 3).await.unwrap();
    assert_eq!(register(store.as_ref(), "e", "4", T0 + 4).await, None, "as many as may wait");
    store.decide_registration("d", false, T0 + 5).await.unwrap();
    register(store.as_ref(), "e", "4", T0 + 6).await.unwrap();
    store.decide_registration("e", true, T0 + 7).await.unwrap();
    register(store.as_ref(), "f", "5", T0 + 8).await.unwrap();
    store.decide_registration("f", true, T0 + 9).await.unwrap();
    assert_eq!(register(store.as_ref(), "g", "6", T0 + 10).await, None, "as many as may come in a minute");
    assert!(register(store.as_ref(), "g", "6", T0 + 60_100).await.is_some());
}

pub async fn a_known_machine_registers_under_its_own_id(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(store.as_ref(), "a").await;
    assert_eq!(register(store.as_ref(), "x", "a", T0).await.unwrap().node_id, node.id);
    let given = NewNode { id: Some("shn_given".into()), ..machine("b") };
    assert_eq!(store.join_node(given.clone(), T0).await.unwrap().0.id, "shn_given");
    let other = NewNode { id: Some("shn_other".into()), ..given };
    assert_eq!(store.join_node(other, T0).await.unwrap().0.id, "shn_given", "a machine keeps its id");
}

pub async fn an_enrolment_works_once_in_time_and_for_its_node(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let new = |hash: &str| NewEnrollment {
        hash: hash.into(),
        node_id: "shn_1".into(),
        name: "box".into(),
        expires_ms: T0 + 10,
    };
    for hash in ["one", "two"] {
        store.create_enrollment(new(hash), T0).await.unwrap();
    }
    let take = async |id, hash, now| store.take_enrollment(id, hash, now).await.unwrap();
    assert_eq!(take("shn_2", "one", T0).await, EnrollmentCheck::Bad);
    assert_eq!(take("shn_1", "one", T0).await, EnrollmentCheck::Good { name: "box".into() });
    assert_eq!(take("shn_1", "one", T0).await, EnrollmentCheck::Bad);
    assert_eq!(take("shn_1", "two", T0 + 10).await, EnrollmentCheck::Bad);
}

pub async fn an_approval_does_not_bring_back_a_node_that_was_removed_after_it(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(store.as_ref(), "a").await;
    register(store.as_ref(), "x", "a", T0).await.unwrap();
    store.decide_registration("x", true, T0).await.unwrap();
    let other = register(store.as_ref(), "y", "b", T0).await.unwrap();
    store.remove_node(&node.id, T0 + 1).await.unwrap();
    assert_eq!(store.proved_registration(&node.id, "secret of x", T0 + 2).await.unwrap(), None);
    assert_eq!(store.registrations(T0 + 2).await.unwrap(), [other]);
    // A later one does.
    register(store.as_ref(), "z", "a", T0 + 3).await.unwrap();
    store.decide_registration("z", true, T0 + 3).await.unwrap();
    assert!(store.proved_registration(&node.id, "secret of z", T0 + 4).await.unwrap().is_some());
}

pub async fn the_last_report_of_a_node_is_kept(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    for (node, report) in [("b", "1"), ("a", "2"), ("b", "3")] {
        store.save_report(node, report).await.unwrap();
    }
    drop(store);
    let reports = fixture.open().await.reports().await.unwrap();
    assert_eq!(reports, [("a".to_owned(), "2".to_owned()), ("b".to_owned(), "3".to_owned())]);
}

pub async fn a_claim_leaves_out_jobs_of_excluded_agents(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let node = join(store.as_ref(), "a").await;
    let of = |names: serde_json::Value| {
        let params = json!({"agent_aliases": names}).as_object().cloned().unwrap();
        NewJob { params, min_protocol: 1, ..job() }
    };
    let first = enqueue(store.as_ref(), of(json!(["qwen-local", "mcoda-box-qwen-local"]))).await;
    let second = enqueue(store.as_ref(), of(json!(["other"]))).await;
    let third = enqueue(store.as_ref(), job()).await;
    let excluded = |names: &[&str]| Claim {
        excluded_agents: names.iter().map(|name| (*name).to_owned()).collect(),
        limit: 1,
        ..claim_for(&node)
    };
    let claim =
        async |names: &[&str]| store.claim(excluded(names), T0).await.unwrap().into_iter().map(|job| job.id).next();
    assert_eq!(claim(&["qwen-local"]).await, Some(second));
    assert_eq!(claim(&["mcoda-box-qwen-local"]).await, Some(third), "a job for no agent is never left out");
    assert_eq!(claim(&["qwen-local", "x"]).await, None);
    assert_eq!(claim(&["x"]).await, Some(first));
}
