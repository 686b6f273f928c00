//! Towards a gateway that speaks protocol 1 only.

use super::fake_gateway::{FakeGateway, Fault};
use super::test_node::TestNode;
use super::wait_until;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn chat(id: &str, node_id: &str) -> Value {
    json!({
        "job_id": id, "request_id": "req-1", "node_id": node_id, "agent_slug": "qwen",
        "openai_request": {"model": "qwen", "messages": []},
    })
}

#[tokio::test]
async fn heartbeat_and_poll_have_the_fields_of_the_protocol_in_its_order() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    let node = TestNode::new(&gateway);
    let running = node.start();
    wait_until("a poll", || gateway.count("poll") >= 1).await;
    let beat = gateway.calls("heartbeat").remove(0).body;
    let expected = "node_id node_version runtime_protocol_version config_version status runtime discovery ollama capacity \
                    health local_agent_catalog client_allowlist models capabilities";
    let expected: Vec<_> = expected.split(' ').filter(|key| !key.is_empty()).collect();
    assert_eq!(keys(&beat)[..expected.len()], expected[..]);
    let runtime =
        ["protocol_version", "relay_mode", "load_reporting_enabled", "hardware_telemetry_enabled", "drain_mode"];
    assert_eq!(keys(&beat["runtime"]), runtime);
    assert_eq!(beat["discovery"], json!({"source": "mcoda", "mcoda_status": "ok"}));
    assert_eq!(beat["ollama"], json!({"status": null, "version": null}));
    let capacity = "protocol_version runtime_protocol_version load_balancer_protocol_version catalog_metadata_version \
                    catalog_fingerprint max_concurrency max_concurrent_llm_jobs max_concurrent_generic_jobs active_jobs \
                    queued_jobs free_slots drain_mode execution_class_capacity";
    assert_eq!(keys(&beat["capacity"]), capacity.split_whitespace().collect::<Vec<_>>());
    assert_eq!(
        beat["capacity"]["execution_class_capacity"]["generic_job"],
        json!({"pool": "generic", "max_concurrency": 1, "active_jobs": 0, "queued_jobs": 0, "free_slots": 0})
    );
    let health = ["avg_latency_ms", "recent_failure_count", "recent_failures", "last_success_at"];
    assert_eq!(keys(&beat["health"]), health);
    assert_eq!(beat["local_agent_catalog"]["revision"], super::super::Catalog::new(Vec::new()).fingerprint());
    assert_eq!((&beat["config_version"], &beat["models"]), (&json!(7), &json!([])));
    assert_eq!(beat["starting"], true);

    let poll = gateway.calls("poll").remove(0).body;
    assert_eq!(
        poll,
        json!({"node_id": "shn_1", "wait_ms": 2000, "capacity": {"active_jobs": 0, "queued_jobs": 0, "max_jobs": 2,
            "max_concurrency": 2, "free_slots": 2, "drain_mode": false}})
    );
    running.stop().await.unwrap();
}

#[tokio::test]
async fn chat_and_foreign_jobs_are_answered_before_they_begin() {
    let gateway = FakeGateway::start().await;
    gateway.protocol_1();
    // An unreliable gateway of protocol 1 gets the result as surely as any.
    gateway.fail("result", [Fault::Status(500, json!({})), Fault::Empty]);
    let node = TestNode::new(&gateway);
    let running = node.start();
    gateway.push_value(chat("job-1", "shn_1"));
    gateway.push_value(chat("job-2", "shn_other"));
    wait_until("both results arrive", || gateway.count("result") >= 4 && running.board.snapshot().outbox.pending == 0)
        .await;
    let result = gateway.results("job-1").pop().unwrap();
    let mut fields = keys(&result);
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["error", "job_id", "node_id", "operation", "pre_start_failure", "request_id", "status", "timing"]
    );
    assert_eq!(result["error"]["code"], "selected_agent_unavailable");
    assert_eq!((&result["operation"], &result["status"]), (&json!("chat.completions"), &json!("failed")));

    let foreign = gateway.results("job-2").pop().unwrap();
    let mut fields = keys(&foreign);
    fields.sort_unstable();
    assert_eq!(fields, ["error", "job_id", "node_id", "pre_start_failure", "request_id", "status"]);
    assert_eq!(foreign["error"]["code"], "validation_failed");
    assert_eq!(gateway.count("start"), 0);
    running.stop().await.unwrap();
}

#[tokio::test]
async fn unknown_and_local_operations_are_refused() {
    let gateway = FakeGateway::start().await;
    let node = TestNode::new(&gateway);
    let running = node.start();
    for (id, operation) in [("job_1", "workspaces.explode"), ("job_2", "shutdown")] {
        gateway.push(&super::fake_gateway::job(id, 1, operation));
    }
    wait_until("both results arrive", || gateway.count("result") == 2).await;
    for id in ["job_1", "job_2"] {
        let result = gateway.results(id).remove(0);
        assert_eq!(result["failure"]["code"], "unsupported_operation");
        assert_eq!(result["pre_start_failure"], true);
    }
    running.stop().await.unwrap();
    assert_eq!(node.ran(), 0);
}
