//! Jobs that go well.

use super::fake_gateway::{FakeGateway, job};
use super::test_node::TestNode;
use super::wait_until;
use crate::base::{Shutdown, sha256_hex};
use crate::relay::{SetupChoices, SetupRequest, setup};
use crate::state::{Credentials, NodeConfig};
use crate::wire::node::BodyRef;
use base64::Engine as _;
use serde_json::json;
use std::collections::BTreeMap;

#[tokio::test]
async fn a_job_is_claimed_started_run_and_delivered() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "sessions.list"));
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    let result = gateway.results("job_1").remove(0);
    assert_eq!(result["status"], "success");
    assert_eq!(result["state"], "succeeded");
    assert_eq!(result["lease"]["epoch"], 1);
    assert_eq!(result["answer"], json!({"bytes": 0}));
    assert_eq!(gateway.calls("start")[0].body["epoch"], 1);
    assert_eq!(gateway.calls("start")[0].token, "Bearer msn_1");
    wait_until("the node is online", || running.board.snapshot().state == "online").await;
    running.stop().await.unwrap();
    assert_eq!(node.journal().await, []);
    let last = gateway.calls("heartbeat").pop().unwrap().body;
    assert_eq!(last["runtime"]["drain_mode"], true);
}

#[tokio::test]
async fn output_comes_in_numbered_events_before_the_result() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    wait_until("output arrives while it runs", || gateway.events("job_1").len() == 2).await;
    assert_eq!(gateway.count("result"), 0);
    node.executor.go.notify_one();
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    let events = gateway.events("job_1");
    let text = |index: usize| {
        let data = events[index]["data"].as_str().unwrap();
        base64::engine::general_purpose::STANDARD.decode(data).unwrap()
    };
    assert_eq!((text(0), text(1)), (b"hello world".to_vec(), b"oops".to_vec()));
    assert_eq!((&events[1]["seq"], &events[1]["offset"], &events[1]["kind"]), (&json!(1), &json!(0), &json!("stderr")));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn bodies_travel_beside_the_job_in_both_directions() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.snapshot"));
    let mut with_body = job("job_2", 1, "sessions.list");
    gateway.blob("job_2", b"stdin");
    with_body.body = Some(BodyRef { size: 5, sha256: sha256_hex(b"stdin"), ..BodyRef::default() });
    gateway.push(&with_body);
    wait_until("both results arrive", || gateway.count("result") == 2).await;
    assert_eq!(gateway.uploaded("job_1").unwrap(), "tarball");
    let body = &gateway.results("job_1")[0]["answer_body"];
    assert_eq!((&body["size"], &body["sha256"]), (&json!(7), &json!(sha256_hex(b"tarball"))));
    assert_eq!(gateway.results("job_2")[0]["answer"]["bytes"], 5);
    running.stop().await.unwrap();
    assert_eq!(node.bodies(), 0);
}

#[tokio::test]
async fn a_waiting_callers_job_is_neither_journaled_nor_started() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    let mut direct = job("job_1", 1, "sessions.list");
    direct.durable = Some(false);
    gateway.push(&direct);
    wait_until("the result arrives", || gateway.count("result") == 1).await;
    assert_eq!(gateway.count("start"), 0);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_fault_in_an_operation_ends_the_operation_only() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.get"));
    gateway.push(&job("job_2", 1, "sessions.list"));
    wait_until("both results arrive", || gateway.count("result") == 2).await;
    let broken = gateway.results("job_1").remove(0);
    assert_eq!((&broken["state"], &broken["failure"]["code"]), (&json!("failed"), &json!("internal")));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn no_more_jobs_run_than_there_are_slots() {
    let gateway = FakeGateway::start().await;
    let mut node = TestNode::new(&gateway);
    node.slots = 1;
    let running = node.start();
    gateway.push(&job("job_1", 1, "workspaces.execute"));
    gateway.push(&job("job_2", 1, "workspaces.execute"));
    wait_until("the first runs", || node.ran() == 1).await;
    wait_until("a poll asks for nothing", || gateway.calls("poll").last().unwrap().body["capacity"]["free_slots"] == 0)
        .await;
    node.executor.go.notify_one();
    wait_until("the second runs", || node.ran() == 2).await;
    node.executor.go.notify_one();
    wait_until("both results arrive", || gateway.count("result") == 2).await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn once_does_one_turn() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    gateway.push(&job("job_1", 1, "sessions.list"));
    let summary = node.relay().0.once(Shutdown::new()).await.unwrap();
    assert_eq!((summary.protocol, summary.jobs.len(), summary.delivered, summary.pending), (2, 1, 1, 0));
    assert_eq!((gateway.count("heartbeat"), gateway.count("poll")), (1, 1));
}

#[tokio::test]
async fn setup_is_idempotent_and_keeps_what_is_not_given_but_never_the_key() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let answer = |created: bool, token: &str| {
        super::fake_gateway::Fault::Answer(json!({
            "created": created, "enrolled": true,
            "node": {"node_id": "shn_9", "server_name": "my-box", "relay_mode": "outbound"},
            "runtime_token": token, "heartbeat_interval_seconds": 20, "config_version": 3,
        }))
    };
    gateway.fail("bootstrap", [answer(true, "msn_a"), answer(false, "msn_b")]);
    let request = |labels: Option<&str>| SetupRequest {
        joining: crate::relay::Joining::Key(crate::base::Secret::new("msw_secret")),
        choices: SetupChoices {
            gateway: Some(gateway.url.clone()),
            name: Some("My Box".to_owned()),
            labels: labels.map(|value| BTreeMap::from([("zone".to_owned(), value.to_owned())])),
            max_concurrent_jobs: labels.map(|_| 3),
            ..SetupChoices::default()
        },
        hostname: "host".to_owned(),
        default_slots: 2,
        version: "0.1.0".to_owned(),
        fingerprint: |_, _| Ok(None),
    };
    let first = setup(&node.home, request(Some("a"))).await.unwrap();
    assert!(first.created);
    let second = setup(&node.home, request(None)).await.unwrap();
    assert!(!second.created);
    assert_eq!((second.node_id.as_str(), second.max_concurrent_jobs), ("shn_9", 3));
    assert_eq!(second.labels["zone"], "a");
    let calls = gateway.calls("bootstrap");
    assert_eq!(calls[0].token, "msw_secret");
    assert_eq!(calls[0].body["machine_fingerprint"], calls[1].body["machine_fingerprint"]);
    assert_eq!(calls[1].body["max_concurrent_jobs"], 3);
    assert_eq!(Credentials::of(&node.home).token().unwrap().unwrap().expose(), "msn_b");
    assert_eq!(NodeConfig::load(&node.home).unwrap().heartbeat_interval_seconds, Some(20));
    for file in ["config.json", "node.key", "machine.id"] {
        let text = std::fs::read_to_string(node.home.root().join(file)).unwrap();
        assert!(!text.contains("msw_secret"), "{file}");
    }
}

#[tokio::test]
async fn the_secret_of_a_gateway_that_was_left_opens_nothing_any_more() {
    let [first, second] = [FakeGateway::start().await, FakeGateway::start().await];
    let node = TestNode::new(&first);
    let answer = |secret: serde_json::Value| {
        super::fake_gateway::Fault::Answer(json!({
            "created": true, "enrolled": true, "node": {"node_id": "shn_9", "server_name": "my-box"},
            "runtime_token": "msn_a", "invocation_signing_secret": secret,
        }))
    };
    first.fail("bootstrap", [answer(json!("mss_first")), answer(json!(null))]);
    second.fail("bootstrap", [answer(json!(null))]);
    for (gateway, kept) in [(&first, Some("mss_first")), (&first, Some("mss_first")), (&second, None)] {
        let request = SetupRequest {
            joining: crate::relay::Joining::Key(crate::base::Secret::new("msw_secret")),
            choices: SetupChoices { gateway: Some(gateway.url.clone()), ..SetupChoices::default() },
            hostname: "host".to_owned(),
            default_slots: 2,
            version: "0.1.0".to_owned(),
            fingerprint: |_, _| Ok(None),
        };
        setup(&node.home, request).await.unwrap();
        let secret = Credentials::of(&node.home).signing_secret().unwrap();
        assert_eq!(secret.as_ref().map(crate::base::Secret::expose), kept);
    }
}
