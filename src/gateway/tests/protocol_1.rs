//! A node that speaks only protocol 1, with the bodies that such nodes send.

use super::*;

#[tokio::test]
async fn a_chat_job_runs_on_a_protocol_1_node() {
    let gateway = TestGateway::start().await;
    let node = FakeNode::join(&gateway, "fake-box", None).await;
    let beat = json!({
        "node_version": "0.1.128", "runtime_protocol_version": 1, "config_version": 7, "status": "online",
        "runtime": {"protocol_version": 1, "relay_mode": "outbound", "load_reporting_enabled": true,
            "hardware_telemetry_enabled": false, "drain_mode": false},
        "discovery": {"source": "mcoda", "mcoda_status": "ok"}, "ollama": {"status": null, "version": null},
        "capacity": {"protocol_version": 1, "max_concurrency": 1, "active_jobs": 0, "queued_jobs": 0, "free_slots": 1,
            "drain_mode": false},
        "health": {"avg_latency_ms": 11, "recent_failure_count": 0, "recent_failures": [], "last_success_at": null},
        "local_agent_catalog": {"revision": "sha256:3b", "metadata_version": 1, "model_count": 1, "exposed_model_count": 1},
        "client_allowlist": [],
        "models": [{"name": "qwen-local", "source_agent_slug": "qwen-local", "model": "qwen-local-gguf", "exposed": true}],
        "capabilities": {"schema_version": "2026-06-14", "signature": {"alg": "HS256"}}
    });
    assert_eq!(node.call(&gateway, "/heartbeat", beat).await.0, 200);
    assert_eq!(node.call(&gateway, "/models", json!({"models": []})).await, (200, json!({"accepted": true})));

    // Not for such a node, and it must not get it.
    let other = gateway.submit(json!({"operation": "workspaces.list", "node": "fake-box"})).await;
    assert_eq!(other.reason.as_deref(), Some("no_node_matches"));
    let request = json!({"model": "qwen-local-gguf", "messages": [{"role": "user", "content": "hi"}], "stream": true});
    let params = json!({"openai_request": request, "source_agent_slug": "qwen-local", "node_id": "forged"});
    let job = gateway.submit(json!({"operation": "chat.completions", "params": params})).await;

    let capacity = json!({"active_jobs": 0, "queued_jobs": 0, "max_jobs": 1, "max_concurrency": 1, "free_slots": 1, "drain_mode": false});
    let (status, polled) = node.call(&gateway, "/jobs/poll", json!({"capacity": capacity, "wait_ms": 2000})).await;
    assert_eq!(status, 200);
    let handed = &polled["job"];
    assert_eq!((&handed["job_id"], &handed["node_id"]), (&json!(job.id), &json!(node.id)));
    assert_eq!(handed["openai_request"]["model"], "qwen-local-gguf");
    assert_eq!(
        (&handed["agent_slug"], &handed["policy"]["allow_tools"]),
        (&json!("mcoda-fake-box-qwen-local"), &json!(false))
    );
    assert!(polled.get("jobs").is_none());

    let path = |verb: &str| format!("/jobs/{}/{verb}", job.id);
    let start = json!({"agent_slug": "qwen-local", "source_agent_slug": "qwen-local", "model": "qwen-local-gguf"});
    let (status, started) = node.call(&gateway, &path("start"), start).await;
    assert_eq!((status, &started["accepted"], &started["status"]), (200, &json!(true), &json!("started")));
    for text in ["hel", "lo"] {
        let chunk = json!({"object": "chat.completion.chunk", "choices": [{"delta": {"content": text}}]});
        let (status, _) = node.call(&gateway, &path("events"), json!({"stream_events": [chunk]})).await;
        assert_eq!(status, 200);
    }
    assert_eq!(gateway.store.events(&job.id, None, 10).await.unwrap().len(), 2);
    let result = json!({"job_id": job.id, "request_id": handed["request_id"], "operation": "chat.completions",
        "status": "success", "openai_response": {"id": "chatcmpl-1", "choices": []},
        "usage": {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}, "timing": {"local_latency_ms": 125}});
    for _ in 0..2 {
        let (status, answer) = node.call(&gateway, &path("result"), result.clone()).await;
        assert_eq!((status, &answer["accepted"]), (200, &json!(true)));
    }
    let view = gateway.wait(&job.id).await;
    assert_eq!((view.state.as_str(), view.result.unwrap()["id"].as_str()), ("succeeded", Some("chatcmpl-1")));
    gateway.end().await;
}

#[tokio::test]
async fn an_idle_poll_is_held_and_answers_null() {
    let gateway = TestGateway::start_with(|config| config.max_hold = Duration::from_millis(50)).await;
    let node = FakeNode::join(&gateway, "fake-box", None).await;
    let begun = std::time::Instant::now();
    let (status, answer) = node.try_poll(&gateway, 2_000, 1).await;
    assert_eq!((status, &answer["job"]), (200, &Value::Null));
    assert!(answer.as_object().unwrap().contains_key("job") && begun.elapsed() >= Duration::from_millis(50));
    gateway.end().await;
}

#[tokio::test]
async fn failures_keep_their_own_code_as_the_reason() {
    let gateway = TestGateway::start().await;
    let node = FakeNode::join(&gateway, "fake-box", None).await;
    let models = json!([{"name": "m", "exposed": true}, {"name": "hidden", "exposed": false}]);
    node.call(&gateway, "/heartbeat", json!({"models": models})).await;
    let job = |model: &str| json!({"operation": "chat.completions", "params": {"openai_request": {"model": model}}});
    assert_eq!(gateway.ask(Method::POST, "/v1/jobs", &gateway.call, Some(job("hidden"))).await.0, 501);
    let id = gateway.submit(job("m")).await.id;
    node.next(&gateway).await;
    let result = json!({"job_id": id, "status": "failed", "pre_start_failure": true,
        "error": {"code": "selected_agent_unavailable", "message": "no such agent"}});
    assert_eq!(node.call(&gateway, &format!("/jobs/{id}/result"), result).await.0, 200);
    let view = gateway.job(&id).await;
    assert_eq!((view.state.as_str(), view.reason.as_deref()), ("failed", Some("selected_agent_unavailable")));
    assert_eq!(view.error.unwrap().message, "no such agent");
    gateway.end().await;
}

#[tokio::test]
async fn a_job_whose_poll_answer_was_lost_is_handed_out_again() {
    let gateway = TestGateway::start_with(|config| config.lease_grace_protocol_1 = Duration::from_millis(20)).await;
    let node = FakeNode::join(&gateway, "fake-box", None).await;
    node.call(&gateway, "/heartbeat", json!({"models": [{"name": "m", "exposed": true}]})).await;
    let job = json!({"operation": "chat.completions", "params": {"openai_request": {"model": "m"}}});
    let id = gateway.submit(job).await.id;
    assert_eq!(node.next(&gateway).await.job_id, id);
    // The node never says that it has begun: it does not know of the job.
    assert_eq!(node.next(&gateway).await.job_id, id);
    let (status, _) = node.call(&gateway, &format!("/jobs/{id}/start"), json!({"agent_slug": "m", "model": "m"})).await;
    assert_eq!(status, 200);
    let result = json!({"job_id": id, "status": "success", "openai_response": {"choices": []}});
    assert_eq!(node.call(&gateway, &format!("/jobs/{id}/result"), result).await.0, 200);
    assert_eq!(gateway.wait(&id).await.attempt, 2);
    gateway.end().await;
}
