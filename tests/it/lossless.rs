//! Nothing is lost: gateway and node are killed at random moments, and every job still ends exactly once, with its right
//! result or an honest `lost`, and never runs twice.

use crate::support::{Gateway, Node, TestEnv, http, wait_until};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const JOBS: usize = 200;
const SESSIONS: usize = 8;

/// Submits one job however often the gateway goes away meanwhile.
async fn submit(gateway_url: &str, key: &str, n: usize) -> String {
    let command = format!("echo ran >> /data/{n}; sleep 0.0{}; echo done-{n}", 1 + n % 9);
    let job = json!({
        "node": "box", "operation": "workspaces.execute", "idempotency_key": format!("job-{n}"),
        "params": { "id": "w", "session_id": format!("s{}", n % SESSIONS), "command": command }
    });
    wait_until(&format!("job {n} is accepted"), Duration::from_secs(60), async || {
        let answer = http().post(format!("{gateway_url}/v1/jobs")).bearer_auth(key).json(&job).send().await;
        let answer = answer.map_err(|failed| failed.to_string())?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|failed| failed.to_string())?;
        if status.is_success() { Ok(body["id"].as_str().expect("an id").to_owned()) } else { Err(body.to_string()) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_jobs_survive_five_deaths_of_the_gateway_and_two_of_the_node() {
    let env = TestEnv::new();
    let seed: u64 = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut gateway = Gateway::start(&env);
    let mut node = Node::start(&env, &gateway, "box");
    let config = json!({ "mounts": { "/data": { "resource": "ram" } } });
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": config })).await;
    for n in 0..SESSIONS {
        gateway.operation("box", "sessions.create", json!({ "id": "w", "session_id": format!("s{n}") })).await;
    }

    let (url, key) = (gateway.url.clone(), gateway.call.clone());
    let submitting = async {
        let mut ids = Vec::new();
        for n in 0..JOBS {
            ids.push(submit(&url, &key, n).await);
        }
        ids
    };
    // Five deaths of the gateway and two of the node in random order, while jobs run.
    let dying = async {
        let mut deaths = vec!["gateway", "gateway", "gateway", "gateway", "gateway", "node", "node"];
        while !deaths.is_empty() {
            tokio::time::sleep(Duration::from_millis(random.random_range(100..900))).await;
            match deaths.swap_remove(random.random_range(0..deaths.len())) {
                "gateway" => {
                    gateway.kill();
                    tokio::time::sleep(Duration::from_millis(random.random_range(0..700))).await;
                    gateway.restart(&env);
                }
                _ => node.kill_and_restart(&env),
            }
        }
    };
    let (ids, ()) = tokio::join!(submitting, dying);

    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let mut ended = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let job = gateway.end_of(id, Duration::from_secs(180)).await;
        let state = job["state"].as_str().unwrap().to_owned();
        match state.as_str() {
            "succeeded" => assert_eq!(job["result"]["stdout"], format!("done-{n}\n"), "{job:#}"),
            "lost" => assert!(job["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{job:#}"),
            _ => panic!("job {n} ended as {job:#}"),
        }
        *states.entry(state.clone()).or_default() += 1;
        ended.push(state);
    }
    println!("{states:?}");

    let count = r#"for n in $(seq 0 199); do if [ -f /data/$n ]; then wc -l < /data/$n; else echo 0; fi; done"#;
    let answer = gateway.operation("box", "workspaces.execute", json!({ "id": "w", "command": count })).await;
    let runs: Vec<usize> =
        answer["stdout"].as_str().unwrap().lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(runs.len(), JOBS, "{answer}");
    for (n, (runs, state)) in runs.iter().zip(&ended).enumerate() {
        match state.as_str() {
            "succeeded" => assert_eq!(*runs, 1, "job {n} succeeded and ran {runs} times"),
            _ => assert!(*runs <= 1, "job {n} is {state} and ran {runs} times"),
        }
    }
    assert!(states.get("lost").copied().unwrap_or_default() < JOBS / 4, "{states:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_ready_while_the_gateway_is_down_for_a_minute_arrives() {
    let env = TestEnv::new();
    let mut gateway = Gateway::start(&env);
    let node = Node::start(&env, &gateway, "box");
    node.online(&gateway).await;
    gateway.operation("box", "workspaces.create", json!({ "id": "w", "config": { "mounts": {} } })).await;
    let execute = json!({ "id": "w", "command": "sleep 2; echo late but here" });
    let id = gateway.submit(&json!({ "node": "box", "operation": "workspaces.execute", "params": execute })).await;
    let token = node.api_token(&env);
    wait_until("the script runs", Duration::from_secs(30), async || {
        // Asked at the node: that the gateway has heard of the start does not say that the node has heard its answer.
        let jobs = http().get(format!("{}/v1/jobs?workspace_id=w", node.api_url)).bearer_auth(&token);
        let jobs = jobs.send().await.map_err(|gone| gone.to_string())?.text().await.map_err(|cut| cut.to_string())?;
        if jobs.contains("running") { Ok(()) } else { Err(jobs) }
    })
    .await;

    gateway.kill();
    let begun = Instant::now();
    let status = env.path("box/run/status.json");
    wait_until("the result waits in the outbox", Duration::from_secs(30), async || {
        let text = std::fs::read_to_string(&status).map_err(|failed| failed.to_string())?;
        let status: Value = serde_json::from_str(&text).map_err(|failed| failed.to_string())?;
        if status["outbox"]["pending"] == 1 { Ok(()) } else { Err(text) }
    })
    .await;
    tokio::time::sleep(Duration::from_secs(60).saturating_sub(begun.elapsed())).await;

    gateway.restart(&env);
    let job = gateway.end_of(&id, Duration::from_secs(90)).await;
    assert_eq!((job["state"].as_str(), job["result"]["stdout"].as_str()), (Some("succeeded"), Some("late but here\n")));
    assert_eq!(job["attempt"], 1);
}
