//! Cancel ends what runs within a second, at every door, and the slot is free after.

use crate::support::{Gateway, Node, TestEnv, http, wait_until};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ENDLESS: &str = "while true; do :; done";

async fn one_slot(env: &TestEnv) -> (Gateway, Node) {
    let gateway = Gateway::start(env);
    let args =
        ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "box", "--max-concurrent-jobs", "1"];
    let (code, _, err) = env.run("box", &args);
    assert_eq!(code, 0, "{err}");
    let (process, api_url) = Node::run(env, "box");
    let node = Node { process, home: "box".to_owned(), name: "box".to_owned(), api_url };
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    (gateway, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queued_job_s_endless_loop_ends_over_the_relay_and_the_slot_is_free() {
    let env = TestEnv::new();
    let (gateway, _node) = one_slot(&env).await;
    let execute =
        json!({ "node": "box", "operation": "workspaces.execute", "params": { "id": "w", "command": ENDLESS } });
    let id = gateway.submit(&execute).await;
    wait_until("it runs", Duration::from_secs(10), async || {
        let job = gateway.get(&format!("/v1/jobs/{id}")).await;
        if job["state"] == "running" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;

    let begun = Instant::now();
    http().delete(format!("{}/v1/jobs/{id}", gateway.url)).bearer_auth(&gateway.call).send().await.unwrap();
    let job = gateway.end_of(&id, Duration::from_secs(10)).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(
        (job["state"].as_str(), job["reason"].as_str()),
        (Some("cancelled"), Some("cancel_requested")),
        "{job:#}"
    );

    let next = gateway.operation("box", "workspaces.execute", json!({ "id": "w", "command": "echo free" })).await;
    assert_eq!(next["stdout"], "free\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_leaves_the_relayed_door_ends_its_loop() {
    let env = TestEnv::new();
    let (gateway, _node) = one_slot(&env).await;
    let url = format!("{}/nodes/box/v1/workspaces/w/execute", gateway.url);
    let call = http().post(url).bearer_auth(&gateway.call).json(&json!({ "command": ENDLESS })).send();
    assert!(tokio::time::timeout(Duration::from_millis(500), call).await.is_err(), "an endless loop does not answer");
    // The only slot must come free for this to be answered.
    let next = gateway.operation("box", "workspaces.execute", json!({ "id": "w", "command": "echo free" })).await;
    assert_eq!(next["stdout"], "free\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_leaves_no_loop_behind_whose_caller_is_gone() {
    let env = TestEnv::new();
    let (mut gateway, _node) = one_slot(&env).await;
    let url = format!("{}/nodes/box/v1/workspaces/w/execute", gateway.url);
    let call = http().post(url).bearer_auth(&gateway.call).json(&json!({ "command": ENDLESS })).send();
    let call = tokio::spawn(call);
    wait_until("it runs", Duration::from_secs(10), async || {
        let node = gateway.get("/v1/nodes/box").await;
        if node["active_jobs"] == 1 { Ok(()) } else { Err(node.to_string()) }
    })
    .await;
    gateway.kill();
    assert!(call.await.unwrap().is_err(), "its caller sees the connection break");
    gateway.restart(&env);
    // The only slot must come free for this to be answered.
    let next = gateway.operation("box", "workspaces.execute", json!({ "id": "w", "command": "echo free" })).await;
    assert_eq!(next["stdout"], "free\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_background_job_s_endless_loop_ends_over_the_loopback_door() {
    let env = TestEnv::new();
    let (_gateway, node) = one_slot(&env).await;
    let token = node.api_token(&env);
    let call = async |request: reqwest::RequestBuilder| -> Value {
        request.bearer_auth(&token).send().await.unwrap().json().await.unwrap()
    };
    let url = &node.api_url;
    let execute = json!({ "command": ENDLESS });
    let job = call(http().post(format!("{url}/v1/workspaces/w/execute?background=true")).json(&execute)).await;
    let job_url = format!("{url}/v1/jobs/{}", job["job_id"].as_str().unwrap());
    wait_until("it runs", Duration::from_secs(10), async || {
        let job = call(http().get(&job_url)).await;
        if job["status"] == "running" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;

    let begun = Instant::now();
    assert_eq!(call(http().delete(&job_url)).await["canceled"], true);
    let job = call(http().post(format!("{job_url}/wait")).json(&json!({}))).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(job["status"], "canceled", "{job}");
    let next =
        call(http().post(format!("{url}/v1/workspaces/w/execute")).json(&json!({ "command": "echo free" }))).await;
    assert_eq!(next["stdout"], "free\n");
}
