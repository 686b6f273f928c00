//! Byte for byte what existing gateways know: the bodies of the specification's transcripts.

use super::super::{
    ByHandle, Joining, Pace, Registration, RelayMode, SetupChoices, SetupError, SetupOutcome, SetupRequest, setup,
    would_change,
};
use super::fake_gateway::{FakeGateway, Fault};
use super::test_node::TestNode;
use super::wait_until;
use crate::base::{Secret, write_private};
use crate::state::{AllowedClient, Credentials, NodeConfig};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn request(joining: Joining, gateway: &FakeGateway) -> SetupRequest {
    SetupRequest {
        joining,
        choices: SetupChoices {
            gateway: Some(gateway.url.clone()),
            name: Some("fake-box".to_owned()),
            ..SetupChoices::default()
        },
        hostname: "host".to_owned(),
        default_slots: 1,
        version: "0.1.128".to_owned(),
        fingerprint: |_, _| Ok(None),
    }
}

/// A node that never joined, on the machine of the transcripts.
fn fresh(gateway: &FakeGateway) -> TestNode {
    let node = TestNode::new(gateway);
    std::fs::remove_file(node.home.config()).unwrap();
    Credentials::of(&node.home).remove().unwrap();
    write_private(&node.home.root().join("machine.id"), b"2d9cc30e-3ae8-4d34-b0c4-b07fa7947f9a\n").unwrap();
    node
}

fn text(gateway: &FakeGateway, call: &str) -> String {
    String::from_utf8(gateway.calls(call)[0].bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn bootstrap_is_that_of_the_transcript_and_one_field_more() {
    let gateway = FakeGateway::start().await;
    let node = fresh(&gateway);
    let answer = json!({
        "created": true, "enrolled": true, "surprise": {"a": [1]},
        "node": {"node_id": "shn_fake01", "server_name": "fake-box", "relay_mode": "direct", "owner": "x"},
        "runtime_token": "msn_1", "heartbeat_interval_seconds": 45, "heartbeat_timeout_seconds": 90, "config_version": 7,
        "relay": {"mode": "outbound", "gateway_base_url": format!("{}/base/", gateway.url), "jobs_poll_path": "p"},
    });
    gateway.fail("bootstrap", [Fault::Answer(answer)]);
    let joined = setup(&node.home, request(Joining::Key(Secret::new("msw_1")), &gateway)).await.unwrap();
    assert_eq!(
        text(&gateway, "bootstrap"),
        r#"{"machine_fingerprint":"sha256:ca5c40ab8952c435f35afd2329a84d856eba06e93627447d40b223c7e3a4bec8","server_name":"fake-box","label":"fake-box","relay_mode":"outbound","direct_base_url":null,"node_version":"0.1.128","discovery_mode":"mcoda","expose_all_models":true,"model_allowlist":[],"model_blocklist":[],"client_allowlist":[],"heartbeat_interval_seconds":30,"max_concurrent_jobs":1,"max_concurrent_llm_jobs":1,"drain_mode":false,"load_reporting_enabled":true,"hardware_telemetry_enabled":false,"generic_job_max_concurrency":1,"runtime_protocol_version":2}"#
    );
    assert_eq!((joined.protocol, joined.relay_mode.as_str(), joined.heartbeat_interval_seconds), (1, "direct", 45));
    assert_eq!(joined.gateway, format!("{}/base", gateway.url));

    // The address at which it joined is still that gateway's, and where it joins again.
    let config = NodeConfig::load(&node.home).unwrap();
    assert_eq!(config.joined_gateway_url.as_deref(), Some(gateway.url.as_str()));
    let mut same = request(Joining::Key(Secret::new("")), &gateway);
    same.choices.mode = Some(RelayMode::Direct);
    same.choices.direct_url = Some("https://box.example".to_owned());
    let direct = NodeConfig { direct_base_url: Some("https://box.example".to_owned()), ..config };
    assert!(!would_change(&direct, &same).unwrap());
    same.choices.gateway = Some("https://other.example".to_owned());
    assert!(would_change(&direct, &same).unwrap());
}

#[tokio::test]
async fn heartbeat_and_poll_are_those_of_the_transcript() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let mut node = TestNode::new(&gateway);
    node.slots = 1;
    // Whatever else the gateway says, in whatever shape, is not for this protocol.
    gateway.fail("heartbeat", [Fault::Answer(json!({"accepted": "yes", "drain": {"a": 1}, "cancel": "none"}))]);
    let running = node.start();
    wait_until("a poll", || gateway.count("poll") >= 1).await;
    let beat = text(&gateway, "heartbeat");
    let at = serde_json::from_str::<Value>(&beat).unwrap()["health"]["last_success_at"].as_str().unwrap().to_owned();
    let class = |pool: &str, free: u32| {
        format!(r#"{{"pool":"{pool}","max_concurrency":1,"active_jobs":0,"queued_jobs":0,"free_slots":{free}}}"#)
    };
    let empty = "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
    let expected = [
        r#"{"node_id":"shn_1","node_version":"0.1.0","runtime_protocol_version":2,"config_version":7,"status":"online","runtime":{"protocol_version":2,"relay_mode":"outbound","load_reporting_enabled":true,"hardware_telemetry_enabled":false,"drain_mode":false},"discovery":{"source":"mcoda","mcoda_status":"ok"},"ollama":{"status":null,"version":null},"#,
        &format!(
            r#""capacity":{{"protocol_version":1,"runtime_protocol_version":2,"load_balancer_protocol_version":1,"catalog_metadata_version":1,"catalog_fingerprint":"{empty}","max_concurrency":1,"max_concurrent_llm_jobs":1,"max_concurrent_generic_jobs":0,"active_jobs":0,"queued_jobs":0,"free_slots":1,"drain_mode":false,"execution_class_capacity":{{"chat":{},"agentic":{},"generic_job":{}}}}},"#,
            class("llm", 1),
            class("llm", 1),
            class("generic", 0)
        ),
        &format!(
            r#""health":{{"avg_latency_ms":0,"recent_failure_count":0,"recent_failures":[],"last_success_at":"{at}"}},"local_agent_catalog":{{"revision":"{empty}","metadata_version":1,"model_count":0,"exposed_model_count":0}},"client_allowlist":[],"models":[],"capabilities":{{"schema_version":"2026-06-14","snapshot_id":"caps_"#
        ),
    ]
    .concat();
    assert!(beat.starts_with(&expected), "{beat}\nis not\n{expected}");
    assert_eq!(
        text(&gateway, "poll"),
        r#"{"node_id":"shn_1","capacity":{"active_jobs":0,"queued_jobs":0,"max_jobs":1,"max_concurrency":1,"free_slots":1,"drain_mode":false},"wait_ms":2000}"#
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn an_owner_has_the_gateway_told_less_or_more() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway);
    let mut config = NodeConfig::load(&node.home).unwrap();
    (config.load_reporting_enabled, config.hardware_telemetry_enabled) = (Some(false), Some(true));
    config.store(&node.home).unwrap();
    let running = node.start();
    wait_until("a heartbeat", || gateway.count("heartbeat") >= 1).await;
    let beat = text(&gateway, "heartbeat");
    assert!(beat.contains(r#""capacity":{"active_jobs":0,"queued_jobs":0},"health""#), "{beat}");
    let pressure = gateway.calls("heartbeat").remove(0).body["hardware_pressure"].clone();
    assert_eq!(pressure["schema_version"], 1);
    assert!(pressure["cpu"]["core_count"].as_u64().unwrap() >= 1, "{pressure}");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn start_and_result_are_those_of_the_transcript() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway);
    let running = node.start();
    let job = |id: &str| {
        json!({"job_id": id, "request_id": "req-1", "node_id": "shn_1", "agent_slug": "mcoda-fake-box-qwen-local",
               "source_agent_slug": "qwen-local", "model": "qwen-local-gguf"})
    };
    let mut runs = job("job-1");
    runs["operation"] = json!("sessions.list");
    gateway.push_value(runs);
    gateway.push_value(job("job-2"));
    wait_until("both results", || gateway.count("result") == 2).await;
    assert_eq!(
        text(&gateway, "start"),
        r#"{"node_id":"shn_1","agent_slug":"mcoda-fake-box-qwen-local","source_agent_slug":"qwen-local","model":"qwen-local-gguf"}"#
    );
    let results: Vec<_> =
        gateway.calls("result").iter().map(|call| String::from_utf8_lossy(&call.bytes).into_owned()).collect();
    let ran = results.iter().find(|result| result.contains("job-1")).unwrap();
    assert!(
        ran.starts_with(r#"{"job_id":"job-1","request_id":"req-1","operation":"sessions.list","status":"success","timing":{"local_latency_ms":"#)
            && ran.contains(r#"},"node_id":"shn_1""#),
        "{ran}"
    );
    let none = results.iter().find(|result| result.contains("job-2")).unwrap();
    assert_eq!(
        none,
        r#"{"job_id":"job-2","request_id":"req-1","operation":"chat.completions","status":"failed","pre_start_failure":true,"error":{"code":"selected_agent_unavailable","message":"this node offers no agents"},"timing":{"local_latency_ms":0},"node_id":"shn_1"}"#
    );
    running.stop().await.unwrap();
}

async fn by_handle(
    gateway: &FakeGateway,
    node: &TestNode,
    patience: Duration,
) -> (Result<SetupOutcome, SetupError>, Vec<Registration>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = {
        let heard = heard.clone();
        Arc::new(move |registration: &Registration| heard.lock().unwrap().push(registration.clone()))
    };
    let pace = Pace { between: Duration::from_millis(5), patience };
    let by = ByHandle { handle: "bekir".to_owned(), told, pace };
    let mut request = request(Joining::Handle(by), gateway);
    request.choices.client_allowlist = Some(AllowedClient::parse_list("heka,192.0.2.10").unwrap());
    let joined = setup(&node.home, request).await;
    let heard = heard.lock().unwrap().clone();
    (joined, heard)
}

fn registered() -> Fault {
    Fault::Answer(json!({
        "created": true, "node_id": "shn_fake01", "status": "pending", "approval_code": "ABCD-1234", "handle": "bekir"
    }))
}

#[tokio::test]
async fn a_node_joins_by_handle_through_errors_and_waits_for_its_owner() {
    let gateway = FakeGateway::start().await;
    let node = fresh(&gateway);
    gateway.fail("register", [registered()]);
    let pending = || Fault::Answer(json!({"status": "pending"}));
    let failed = Fault::Status(500, json!({}));
    let lost = Fault::Status(404, json!({}));
    let approved = Fault::Answer(json!({
        "status": "approved", "node": null, "runtime_token": "msn_by_handle", "heartbeat_interval_seconds": 30,
        "config_version": 1,
    }));
    gateway.fail("claim", [pending(), failed, Fault::Cut, Fault::Empty, lost, pending(), approved]);
    let (joined, heard) = by_handle(&gateway, &node, Duration::from_secs(60)).await;
    let joined = joined.unwrap();
    assert!(joined.created && joined.node_id == "shn_fake01", "{joined:?}");
    assert_eq!(Credentials::of(&node.home).token().unwrap().unwrap().expose(), "msn_by_handle");
    assert_eq!(gateway.count("claim"), 7);
    assert!(matches!(&heard[0], Registration::Pending { approval_code: Some(code), .. } if code == "ABCD-1234"));
    assert!(heard[1..].iter().all(|other| matches!(other, Registration::Retrying { .. })), "{heard:?}");

    let sent = text(&gateway, "register");
    let secret = serde_json::from_str::<Value>(&sent).unwrap()["registration_secret"].as_str().unwrap().to_owned();
    assert_eq!((secret.len(), secret.bytes().all(|byte| byte.is_ascii_hexdigit())), (64, true));
    assert_eq!(
        sent.replace(&secret, "S"),
        r#"{"handle":"bekir","server_name":"fake-box","machine_fingerprint":"sha256:ca5c40ab8952c435f35afd2329a84d856eba06e93627447d40b223c7e3a4bec8","registration_secret":"S","relay_mode":"outbound","node_version":"0.1.128","hostname":"fake-box","client_allowlist":[{"kind":"domain","value":"heka"},{"kind":"ip","value":"192.0.2.10"}]}"#
    );
    assert_eq!(text(&gateway, "claim"), format!(r#"{{"node_id":"shn_fake01","registration_secret":"{secret}"}}"#));
    assert!(gateway.calls("register")[0].token.is_empty() && gateway.calls("claim")[0].token.is_empty());
    for file in ["config.json", "node.key", "machine.id"] {
        let text = std::fs::read_to_string(node.home.root().join(file)).unwrap();
        assert!(!text.contains(&secret), "{file}");
    }
}

#[tokio::test]
async fn what_its_owner_does_not_want_or_does_not_answer_changes_nothing() {
    let gateway = FakeGateway::start().await;
    let node = fresh(&gateway);
    gateway.fail("register", [registered(), registered(), registered()]);
    gateway.fail("claim", [Fault::Answer(json!({"status": "rejected"}))]);
    let (joined, _) = by_handle(&gateway, &node, Duration::from_secs(60)).await;
    assert!(matches!(joined, Err(SetupError::Rejected(handle)) if handle == "bekir"));

    gateway.always("claim", Some(Fault::Answer(json!({"status": "pending"}))));
    let (joined, _) = by_handle(&gateway, &node, Duration::from_millis(50)).await;
    assert!(matches!(joined, Err(SetupError::NotApproved { .. })));

    // A gateway that has forgotten the registration says so every time.
    gateway.always("claim", Some(Fault::Status(410, json!({}))));
    let (joined, _) = by_handle(&gateway, &node, Duration::from_secs(60)).await;
    assert!(matches!(joined, Err(SetupError::Call { .. })));
    assert_eq!(NodeConfig::load(&node.home).unwrap(), NodeConfig::default());
    assert!(Credentials::of(&node.home).token().unwrap().is_none());
}

#[tokio::test]
async fn a_start_that_a_gateway_without_leases_never_takes_ends_the_job_and_says_so() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let mut node = TestNode::new(&gateway);
    node.intervals.start_without_lease = Duration::from_millis(100);
    gateway.always("start", Some(Fault::Status(500, json!({}))));
    let running = node.start();
    let job = |id: &str| json!({"job_id": id, "request_id": "r", "node_id": "shn_1", "operation": "sessions.list"});
    gateway.push_value(job("job-1"));
    wait_until("its result", || gateway.count("result") == 1).await;
    let result = gateway.results("job-1").remove(0);
    assert_eq!((&result["status"], &result["pre_start_failure"]), (&json!("failed"), &json!(true)));
    assert_eq!(result["error"]["code"], "upstream_error");
    assert!(gateway.count("start") > 1);
    gateway.always("start", None);
    gateway.fail("start", [Fault::Status(409, json!({}))]);
    gateway.push_value(job("job-2"));
    wait_until("it is dropped", || gateway.calls("start").last().is_some_and(|call| call.path.contains("job-2"))).await;
    gateway.push_value(job("job-3"));
    wait_until("the next runs", || gateway.results("job-3").len() == 1).await;
    assert_eq!((node.ran(), gateway.results("job-2").len()), (1, 0));
    running.stop().await.unwrap();
}

#[tokio::test]
async fn reserved_slots_ask_for_urgent_jobs_alone_while_the_others_are_taken() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway); // two slots
    let mut config = NodeConfig::load(&node.home).unwrap();
    config.reserved_llm_jobs = Some(1);
    config.max_concurrent_llm_jobs = Some(1);
    config.store(&node.home).unwrap();
    let running = node.start();
    wait_until("a poll", || gateway.count("poll") >= 1).await;
    let first = gateway.calls("poll").remove(0).body;
    assert_eq!((&first["wait_ms"], &first["capacity"]["excluded_agent_slugs"]), (&json!(2000), &json!([])));
    assert_eq!((first["capacity"].get("max_requested_priority"), &first["capacity"]["free_slots"]), (None, &json!(1)));
    let job = |id: &str| {
        json!({"job_id": id, "request_id": "r", "node_id": "shn_1", "operation": "workspaces.execute",
               "agent_slug": "mcoda-fake-box-qwen-local", "source_agent_slug": "qwen-local"})
    };
    gateway.push_value(job("slow"));
    wait_until("an urgent poll", || {
        gateway.calls("poll").last().is_some_and(|poll| poll.body["capacity"]["max_requested_priority"] == -1)
    })
    .await;
    let urgent = gateway.calls("poll").pop().unwrap().body;
    assert_eq!((&urgent["wait_ms"], &urgent["capacity"]["free_slots"]), (&json!(250), &json!(1)));
    assert_eq!(urgent["capacity"]["excluded_agent_slugs"], json!(["mcoda-fake-box-qwen-local", "qwen-local"]));
    gateway.push_value(job("urgent"));
    wait_until("both run", || node.ran() == 2).await;
    node.executor.go.notify_one();
    node.executor.go.notify_one();
    wait_until("both end", || gateway.count("result") == 2).await;
    wait_until("ordinary polls again", || {
        gateway.calls("poll").last().is_some_and(|poll| poll.body["wait_ms"] == 2000)
    })
    .await;
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_not_found_once_shows_in_the_status_and_is_over_with_the_next() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway);
    gateway.always("poll", Some(Fault::Status(404, json!({}))));
    let running = node.start();
    wait_until("it shows", || running.reason("protocol") == "self_hosted_protocol_mismatch").await;
    assert_eq!(running.board.snapshot().state, "degraded");
    gateway.always("poll", None);
    wait_until("it is over", || running.board.snapshot().state == "online").await;
    assert_eq!(running.reason("protocol"), "matches");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_removal_by_a_gateway_of_protocol_1_is_never_for_good() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("online", || running.board.snapshot().state == "online").await;
    let gone = Fault::Status(410, json!({"code": "node_removed"}));
    gateway.always("heartbeat", Some(gone.clone()));
    gateway.always("poll", Some(gone));
    wait_until("removed", || running.board.snapshot().state == "removed").await;
    let beats = gateway.count("heartbeat");
    wait_until("it asks again", || gateway.count("heartbeat") > beats).await;
    gateway.always("heartbeat", None);
    gateway.always("poll", None);
    wait_until("online again", || running.board.snapshot().state == "online").await;
    running.stop().await.unwrap();
}
