//! Bodies through the relayed door: they come while they are made, in both directions, and end with whoever wanted them.

use crate::support::{Gateway, Node, TestEnv, http, wait_until};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

struct Door<'a>(&'a Gateway);

impl Door<'_> {
    async fn send(&self, method: Method, path: &str, body: Value) -> Response {
        let url = format!("{}/nodes/box/v1/{path}", self.0.url);
        let request = http().request(method, url).bearer_auth(&self.0.call).json(&body);
        tokio::time::timeout(PATIENCE, request.send()).await.expect("an answer in time").unwrap()
    }

    async fn create(&self, id: &str) {
        let config = json!({"id": id, "config": {"mounts": {"/": {"resource": "ram", "mode": "exec"}}}});
        assert_eq!(self.send(Method::POST, "workspaces", config).await.status(), 201);
    }

    async fn run(&self, id: &str, command: &str) -> String {
        let path = format!("workspaces/{id}/execute");
        let answer: Value = self.send(Method::POST, &path, json!({"command": command})).await.json().await.unwrap();
        answer["stdout"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}

/// The next line of JSON of a stream.
async fn line(response: &mut Response, rest: &mut Vec<u8>) -> Value {
    loop {
        if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            return serde_json::from_slice(&line).unwrap();
        }
        let chunk = tokio::time::timeout(PATIENCE, response.chunk()).await.expect("a chunk in time");
        rest.extend_from_slice(&chunk.unwrap().expect("more of the stream"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamed_shell_speaks_while_it_runs() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    let door = Door(&gateway);
    door.create("w").await;
    let script = "echo first; until [ -e /go ]; do sleep 0.01; done; echo last";
    let mut response = door.send(Method::POST, "workspaces/w/shell?stream=true", json!({"command": script})).await;
    assert_eq!(response.status(), 200);
    let mut rest = Vec::new();
    // It waits for us: what it said before comes now or never.
    assert_eq!(line(&mut response, &mut rest).await["data"], "Zmlyc3QK");
    // The session is taken by the script; files are not.
    let made = door.send(Method::POST, "workspaces/w/vfs/create", json!({"path": "/go"})).await;
    assert_eq!(made.status(), 200, "{}", made.text().await.unwrap());
    assert_eq!(line(&mut response, &mut rest).await["data"], "bGFzdAo=");
    assert_eq!(line(&mut response, &mut rest).await["status"], "done");
    assert!(response.chunk().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_what_it_read() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    let door = Door(&gateway);
    door.create("w").await;
    let script = "while true; do echo more; sleep 0.01; done";
    let mut response = door.send(Method::POST, "workspaces/w/shell?stream=true", json!({"command": script})).await;
    let job_id = response.headers()["x-mirage-job-id"].to_str().unwrap().to_owned();
    line(&mut response, &mut Vec::new()).await;
    drop(response);
    wait_until("the script has ended", PATIENCE, async || {
        let job: Value = door.send(Method::GET, &format!("jobs/{job_id}"), json!({})).await.json().await.unwrap();
        if job["status"] == "canceled" { Ok(()) } else { Err(job.to_string()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_archive_goes_both_ways_unchanged() {
    let env = TestEnv::new();
    let gateway = Gateway::start(&env);
    let _node = Node::start(&env, &gateway, "box");
    let door = Door(&gateway);
    door.create("source").await;
    let load = |id: &str, media: &str, tar: Vec<u8>| {
        let url = format!("{}/nodes/box/v1/workspaces/load?id={id}", gateway.url);
        http().post(url).bearer_auth(&gateway.call).header("content-type", media).body(tar).send()
    };
    door.run("source", "for i in 1 2 3 4; do for n in $(seq 100); do head -c 65536 /dev/urandom; done > /f$i; done")
        .await;
    let sums = door.run("source", "cat /f? | sha256sum").await;
    let snapshot = door.send(Method::GET, "workspaces/source/snapshot", json!({})).await;
    assert_eq!(snapshot.headers()["content-disposition"], "attachment; filename=\"source.tar\"");
    let bytes = snapshot.bytes().await.unwrap().to_vec();
    assert!(bytes.len() > 24_000_000, "{}", bytes.len());
    assert_eq!(load("copy", "application/x-tar", bytes.clone()).await.unwrap().status(), 201);
    assert_eq!(door.run("copy", "cat /f? | sha256sum").await, sums);
    // In parts, as the reference's clients send it.
    let boundary = "b0undary";
    let mut parts =
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"tar\"; filename=\"t\"\r\n\r\n").into_bytes();
    parts.extend_from_slice(&bytes);
    parts.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let media = format!("multipart/form-data; boundary={boundary}");
    assert_eq!(load("parts", &media, parts).await.unwrap().status(), 201);
    assert_eq!(door.run("parts", "cat /f? | sha256sum").await, sums);
    // What breaks off leaves nothing behind.
    let half = load("half", "application/x-tar", bytes[..bytes.len() / 2].to_vec()).await.unwrap();
    assert_eq!(half.status(), 400, "{}", half.text().await.unwrap());
    assert_eq!(door.send(Method::GET, "workspaces/half", json!({})).await.status(), 404);
}
