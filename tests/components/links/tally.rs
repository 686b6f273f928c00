//! Many small jobs, each of which leaves a mark: what ran how often is counted where it ran.

use super::rig::{NAME, Rig};
use super::support::http;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const WORKSPACE: &str = "tally";

/// Submits so many jobs, the next each time `pace` has passed, and waits for the end of all.
pub async fn submit_and_wait(rig: &Rig, jobs: usize, pace: Duration) -> Vec<Value> {
    let mut ids = Vec::new();
    let mut ticks = tokio::time::interval(pace);
    for number in 0..jobs {
        ticks.tick().await;
        let params = json!({ "id": WORKSPACE, "command": format!("echo {number} >> /data/marks") });
        let job = json!({ "node": NAME, "operation": "workspaces.execute", "params": params });
        ids.push(rig.gateway.submit(&job).await);
    }
    let mut ended = Vec::new();
    for id in ids {
        ended.push(end_of(rig, &id).await);
    }
    ended
}

/// Held by the gateway, because a wait of our own would add to what is measured.
async fn end_of(rig: &Rig, id: &str) -> Value {
    loop {
        let wait = http().post(format!("{}/v1/jobs/{id}/wait", rig.gateway.url)).bearer_auth(&rig.gateway.call);
        let response = wait.json(&json!({ "timeout_s": 30 })).send().await.expect("an answer");
        let job: Value = response.json().await.expect("JSON");
        if !matches!(job["state"].as_str(), Some("queued" | "leased" | "running")) {
            return job;
        }
    }
}

/// A workspace to leave marks in.
pub async fn prepare(rig: &Rig) {
    let config = json!({ "mounts": { "/data": { "resource": "ram" } }, "mode": "write" });
    let created = http()
        .post(format!("{}/v1/workspaces", rig.node.api_url))
        .bearer_auth(rig.node.api_token(&rig.env))
        .json(&json!({ "id": WORKSPACE, "config": config }));
    let response = created.send().await.expect("an answer");
    assert_eq!(response.status(), 201, "{}", response.text().await.unwrap_or_default());
}

/// How often each job ran, asked at the node itself.
pub async fn marks(rig: &Rig) -> BTreeMap<usize, usize> {
    let read = http()
        .post(format!("{}/v1/workspaces/{WORKSPACE}/execute", rig.node.api_url))
        .bearer_auth(rig.node.api_token(&rig.env))
        .json(&json!({ "command": "cat /data/marks" }));
    let answer: Value = read.send().await.expect("an answer").json().await.expect("JSON");
    let mut marks = BTreeMap::new();
    for line in answer["stdout"].as_str().unwrap_or_else(|| panic!("{answer}")).lines() {
        *marks.entry(line.parse().unwrap_or_else(|_| panic!("no mark: {line:?}"))).or_insert(0) += 1;
    }
    marks
}

/// How the jobs ended.
#[derive(Debug, Default)]
pub struct Tally {
    pub succeeded: usize,
    /// The others, by state and reason.
    pub others: BTreeMap<String, usize>,
    /// What must not be: ran twice, ended twice, succeeded without having run.
    pub wrong: Vec<String>,
}

/// Whether each job ended once and ran at most once.
pub async fn check(rig: &Rig, ended: &[Value], marks: &BTreeMap<usize, usize>) -> Tally {
    let mut tally = Tally::default();
    for (number, job) in ended.iter().enumerate() {
        let ran = marks.get(&number).copied().unwrap_or(0);
        let again = rig.gateway.get(&format!("/v1/jobs/{}", job["id"].as_str().expect("an id"))).await;
        if ran > 1 {
            tally.wrong.push(format!("job {number} ran {ran} times: {job}"));
        }
        if again["state"] != job["state"] {
            tally.wrong.push(format!("job {number} ended twice: {job} and {again}"));
        }
        if job["state"] == "succeeded" {
            tally.succeeded += 1;
            if ran == 0 {
                tally.wrong.push(format!("job {number} succeeded without having run: {job}"));
            }
        } else {
            let (state, reason) = (job["state"].as_str(), job["reason"].as_str());
            let end = format!("{} ({})", state.unwrap_or_default(), reason.unwrap_or_default());
            *tally.others.entry(end).or_insert(0) += 1;
        }
    }
    tally
}
