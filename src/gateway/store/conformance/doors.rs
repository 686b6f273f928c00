//! Direct doors of nodes.

use super::*;
use crate::base::Secret;
use crate::gateway::store::NodeDoor;

pub async fn a_door_is_kept_moved_and_replaced(fixture: &dyn Fixture) {
    let node = {
        let store = fixture.open().await;
        let node = join(&*store, "box").await;
        assert_eq!(store.door(&node.id).await.unwrap(), None);
        assert!(!store.move_door(&node.id, Some("https://a".into()), None).await.unwrap());
        let door = NodeDoor { url: None, fingerprint: None, secret: Secret::new("mss_1") };
        store.put_door(&node.id, door.clone()).await.unwrap();
        assert_eq!(store.door(&node.id).await.unwrap(), Some(door.clone()));
        let pin = Some("sha256:00".to_owned());
        assert!(store.move_door(&node.id, Some("https://a".into()), pin.clone()).await.unwrap());
        let moved = NodeDoor { url: Some("https://a".into()), fingerprint: pin, ..door };
        assert_eq!(store.door(&node.id).await.unwrap(), Some(moved));
        let replaced = NodeDoor { url: Some("https://b".into()), fingerprint: None, secret: Secret::new("mss_2") };
        store.put_door(&node.id, replaced).await.unwrap();
        node
    };
    let store = fixture.open().await;
    let door = store.door(&node.id).await.unwrap().unwrap();
    assert_eq!((door.url.as_deref(), door.fingerprint, door.secret.expose()), (Some("https://b"), None, "mss_2"));
    assert_eq!(store.door("shn_other").await.unwrap(), None);
}
