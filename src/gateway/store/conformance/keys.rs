//! Keys.

use super::*;
use crate::gateway::store::{KeyCheck, NewKey};
use crate::wire::gateway::Scope;

fn key(hash: &str) -> NewKey {
    NewKey {
        hash: hash.into(),
        scopes: vec![Scope::Enroll, Scope::Call],
        label: None,
        expires_ms: None,
        uses: None,
        grants: None,
    }
}

pub async fn a_key_is_good_within_its_scopes_time_and_uses(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let check = async |hash, scope, spend, now_ms| store.check_key(hash, scope, spend, now_ms).await.unwrap();
    assert_eq!(check("nothing", Scope::Call, true, T0).await, KeyCheck::Unknown);

    let plain = store.create_key(NewKey { label: Some("ci".into()), ..key("plain") }, T0).await.unwrap();
    assert!(plain.id.starts_with("key_"));
    assert_eq!(check("plain", Scope::Call, true, T0).await, KeyCheck::Good(plain.clone()));
    let out = KeyCheck::OutOfScope(vec![Scope::Enroll, Scope::Call]);
    assert_eq!(check("plain", Scope::Admin, true, T0).await, out);

    let short = store.create_key(NewKey { expires_ms: Some(T0 + 10), ..key("short") }, T0).await.unwrap();
    assert_eq!(check("short", Scope::Call, true, T0 + 9).await, KeyCheck::Good(short));
    assert_eq!(check("short", Scope::Call, true, T0 + 10).await, KeyCheck::Expired(T0 + 10));

    let twice = store.create_key(NewKey { uses: Some(2), ..key("twice") }, T0).await.unwrap();
    assert_eq!(twice.uses_left, Some(2));
    assert_eq!(check("twice", Scope::Enroll, false, T0).await, KeyCheck::Good(twice), "looking costs nothing");
    assert!(matches!(check("twice", Scope::Admin, true, T0).await, KeyCheck::OutOfScope(_)), "nor does a refusal");
    for left in [1, 0] {
        let checked = check("twice", Scope::Enroll, true, T0).await;
        assert!(matches!(&checked, KeyCheck::Good(key) if key.uses_left == Some(left)), "{checked:?}");
    }
    assert_eq!(check("twice", Scope::Enroll, true, T0).await, KeyCheck::UsedUp);
    assert_eq!(check("twice", Scope::Enroll, false, T0).await, KeyCheck::UsedUp);
}

pub async fn a_key_is_spent_by_exactly_one(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    store.create_key(NewKey { uses: Some(1), ..key("once") }, T0).await.unwrap();
    let mut spending = Vec::new();
    for _ in 0..20 {
        let store = Arc::clone(&store);
        spending.push(tokio::spawn(async move { store.check_key("once", Scope::Enroll, true, T0).await.unwrap() }));
    }
    let mut good = 0;
    for spent in spending {
        match spent.await.unwrap() {
            KeyCheck::Good(_) => good += 1,
            other => assert_eq!(other, KeyCheck::UsedUp),
        }
    }
    assert_eq!(good, 1);
}

pub async fn keys_are_listed_newest_first_and_revoked_once(fixture: &dyn Fixture) {
    let store = fixture.open().await;
    let mut ids = Vec::new();
    for (n, hash) in ["a", "b", "c"].into_iter().enumerate() {
        ids.insert(0, store.create_key(key(hash), T0 + n as i64).await.unwrap().id);
    }
    assert!(store.revoke_key(&ids[1], T0 + 5).await.unwrap());
    assert!(store.revoke_key(&ids[1], T0 + 9).await.unwrap());
    assert!(!store.revoke_key("key_nothing", T0).await.unwrap());
    assert_eq!(store.check_key("b", Scope::Call, true, T0).await.unwrap(), KeyCheck::Revoked);
    let keys = store.keys().await.unwrap();
    assert_eq!(keys.iter().map(|key| &key.id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    assert_eq!(keys.iter().map(|key| key.revoked_ms).collect::<Vec<_>>(), [None, Some(T0 + 5), None]);
}
