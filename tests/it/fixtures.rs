//! Old bytes keep loading, and nothing of them is lost when they are written again. Files here are never changed or removed;
//! a new version of the protocol or of a file gets a directory of its own.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use waypost::state::{Home, NodeConfig};
use waypost::wire::node;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

/// Reads a body, writes it again, and finds everything it had.
fn survives<T: DeserializeOwned + Serialize>(name: &str) {
    let text = std::fs::read_to_string(fixture(&format!("wire/{name}.json"))).unwrap();
    let old: Value = serde_json::from_str(&text).unwrap();
    // From text, as it comes from a socket: a raw part of it cannot be read from a value.
    let read: T = serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    let new: Value = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    contains(name, &old, &new);
}

/// Every field of `old` is in `new` with the same value; nulls may be left out.
fn contains(at: &str, old: &Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in old.iter().filter(|(_, value)| !value.is_null()) {
                let kept = new.get(name).unwrap_or_else(|| panic!("{at}: `{name}` is lost"));
                contains(&format!("{at}.{name}"), value, kept);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{at}");
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                contains(&format!("{at}[{index}]"), old, new);
            }
        }
        _ => assert_eq!(old, new, "{at}"),
    }
}

#[test]
fn bodies_of_every_protocol_survive() {
    survives::<node::BootstrapRequest>("1/bootstrap.request");
    survives::<node::BootstrapResponse>("1/bootstrap.response");
    survives::<node::HeartbeatRequest>("1/heartbeat.request");
    survives::<node::HeartbeatRequest>("1/heartbeat.legacy.request");
    survives::<node::PollRequest>("1/poll.request");
    survives::<node::PollRequest>("1/poll.reserved.request");
    survives::<node::PollResponse>("1/poll.response");
    survives::<node::StartRequest>("1/start.request");
    survives::<node::EventsRequest>("1/events.request");
    survives::<node::ResultRequest>("1/result.request");
    survives::<node::ResultRequest>("1/result.failed.request");
    survives::<node::UninstallRequest>("1/uninstall.request");
    survives::<node::PollResponse>("2/poll.response");
    survives::<node::ResultRequest>("2/result.request");
    survives::<node::EventsRequest>("2/events.request");
}

#[test]
fn the_settings_of_an_mswarm_node_are_taken_over_with_every_key() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::locate(Some(dir.path().join("node"))).unwrap();
    home.prepare().unwrap();
    let text = std::fs::read_to_string(fixture("state/mswarm/config.json")).unwrap();
    std::fs::write(home.config(), &text).unwrap();
    let config = NodeConfig::load(&home).unwrap();
    assert_eq!(config.node_id.as_deref(), Some("shn_fake01"));
    config.store(&home).unwrap();
    let again = std::fs::read_to_string(home.config()).unwrap();
    contains("config.json", &serde_json::from_str(&text).unwrap(), &serde_json::from_str(&again).unwrap());
}

#[test]
fn sessions_of_earlier_versions_load_with_what_narrows_them() {
    for (version, modes) in [(1, 0), (2, 1)] {
        let text = std::fs::read_to_string(fixture(&format!("state/session/{version}.json"))).unwrap();
        let record: waypost::workspace::SessionRecord = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (record.allowed_mounts.as_deref(), record.mount_modes.len()),
            (Some(&["/data/".to_owned()][..]), modes)
        );
        contains("session", &serde_json::from_str(&text).unwrap(), &serde_json::to_value(&record).unwrap());
    }
}
