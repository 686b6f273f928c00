//! A node that speaks protocol 1 by script.

use super::{PATIENCE, answer};
use crate::support::{http, wait_until};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub const PREFIX: &str = "/v1/swarm/self-hosted/node";

/// A fixture with its placeholders filled.
pub fn fixture(name: &str, values: &[(&str, &str)]) -> String {
    let path = format!("{}/tests/it/fixtures/mswarm/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let mut text = std::fs::read_to_string(&path).unwrap_or_else(|wrong| panic!("{path}: {wrong}"));
    for (placeholder, value) in values {
        text = text.replace(&format!("@{placeholder}@"), value);
    }
    text
}

/// A call as Node's fetch makes it, with a body as it is.
pub async fn call(url: &str, path: &str, credential: Option<(&str, &str)>, body: String) -> (u16, Value) {
    let mut request = http()
        .post(format!("{url}{PREFIX}{path}"))
        .header("content-type", "application/json")
        .header("accept", "*/*")
        .header("accept-language", "*")
        .header("sec-fetch-mode", "cors")
        .header("user-agent", "node");
    if let Some((name, value)) = credential {
        request = request.header(name, value);
    }
    answer(request.body(body)).await
}

#[derive(Clone)]
pub struct Node {
    url: String,
    pub id: String,
    pub token: String,
}

/// A job that was handed out.
pub struct Handed {
    pub job: Value,
    pub id: String,
    request_id: String,
}

impl Handed {
    /// A job that no gateway has handed out.
    pub fn unknown(id: &str) -> Self {
        Self { job: Value::Null, id: id.to_owned(), request_id: "req-1".to_owned() }
    }
}

impl Node {
    pub async fn bootstrap(url: &str, key: &str) -> Self {
        Self::bootstrap_as(url, key, "fake-box").await
    }

    /// The machine of that name.
    pub async fn bootstrap_as(url: &str, key: &str, name: &str) -> Self {
        let machine = format!("sha256:{:0>8}", hex::encode(name.as_bytes()).split_off(name.len() * 2 - 8));
        let body = fixture("bootstrap", &[]).replace("fake-box", name);
        let body = if name == "fake-box" { body } else { body.replace("sha256:ca5c40ab", &machine) };
        let (status, joined) = call(url, "/bootstrap", Some(("x-api-key", key)), body).await;
        assert_eq!(status, 200, "{joined}");
        Self::joined(url, &joined)
    }

    /// From the answer of a bootstrap, a claim or an enrolment.
    pub fn joined(url: &str, answer: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        for path in
            ["jobs_poll_path", "jobs_start_path_template", "jobs_events_path_template", "jobs_result_path_template"]
        {
            assert!(answer["relay"][path].is_string(), "{answer}");
        }
        Self { url: url.to_owned(), id: text(&answer["node"]["node_id"]), token: text(&answer["runtime_token"]) }
    }

    /// A call with this node's token.
    pub async fn call(&self, path: &str, body: String) -> (u16, Value) {
        let bearer = format!("Bearer {}", self.token);
        call(&self.url, path, Some(("authorization", &bearer)), body).await
    }

    pub async fn heartbeat(&self) -> (u16, Value) {
        self.heartbeat_with("[]", "[]", &self.token).await
    }

    /// A heartbeat with failures and clients, whose capabilities are signed with that token.
    pub async fn heartbeat_with(&self, failures: &str, clients: &str, token: &str) -> (u16, Value) {
        self.call("/heartbeat", self.heartbeat_body(failures, clients, token)).await
    }

    /// The body of such a heartbeat.
    pub fn heartbeat_body(&self, failures: &str, clients: &str, token: &str) -> String {
        let signed = fixture("capabilities", &[("node_id", &self.id)]);
        let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        let value = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        let signature = format!(
            r#""signature":{{"alg":"HS256","value":"{value}","signed_at":"2026-11-20T04:01:51.933Z","key_id":"self_hosted_runtime_token"}}"#
        );
        let capabilities = format!("{},{signature}}}", signed.strip_suffix('}').unwrap());
        let count = serde_json::from_str::<Vec<Value>>(failures).unwrap().len().to_string();
        let values = [
            ("failure_count", count.as_str()),
            ("failures", failures),
            ("clients", clients),
            ("capabilities", &capabilities),
            ("node_id", &self.id),
        ];
        fixture("heartbeat", &values)
    }

    /// One poll; the job, when there is one.
    pub async fn poll(&self, kind: &str) -> Option<Handed> {
        let (status, answer) = self.call("/jobs/poll", fixture(kind, &[("node_id", &self.id)])).await;
        assert_eq!(status, 200, "{answer}");
        let job = answer.get("job").expect("a poll's answer names its job").clone();
        let text = |name: &str| job[name].as_str().unwrap_or_else(|| panic!("{job}")).to_owned();
        if job.is_null() { None } else { Some(Handed { id: text("job_id"), request_id: text("request_id"), job }) }
    }

    pub async fn next(&self) -> Handed {
        wait_until("a job comes", PATIENCE, async || self.poll("poll").await.ok_or_else(|| "none".to_owned())).await
    }

    pub async fn start(&self, job: &Handed) -> (u16, Value) {
        self.call(&format!("/jobs/{}/start", job.id), fixture("start", &[("node_id", &self.id)])).await
    }

    /// Chunks of text in one batch; the last of them ends the answer when `last`.
    pub async fn events(&self, job: &Handed, texts: &[&str], last: bool) -> (u16, Value) {
        let body = json!({"node_id": self.id, "stream_events": self.chunks(job, texts, last)});
        self.call(&format!("/jobs/{}/events", job.id), body.to_string()).await
    }

    pub fn chunks(&self, job: &Handed, texts: &[&str], last: bool) -> Vec<Value> {
        let chunk = |delta: Value, finish: &str| {
            let (delta, finish) = (delta.to_string(), finish.to_owned());
            let values = [("request_id", job.request_id.as_str()), ("delta", &delta), ("finish", &finish)];
            serde_json::from_str(&fixture("chunk", &values)).unwrap()
        };
        let mut chunks: Vec<Value> = texts.iter().map(|text| chunk(json!({"content": text}), "null")).collect();
        if last {
            chunks.push(chunk(json!({}), "\"stop\""));
        }
        chunks
    }

    /// A result of that fixture.
    pub async fn result(&self, job: &Handed, kind: &str, more: &[(&str, &str)]) -> (u16, Value) {
        let mut values = vec![("node_id", self.id.as_str()), ("job_id", &job.id), ("request_id", &job.request_id)];
        values.extend(more);
        self.send_result(job, fixture(kind, &values)).await
    }

    pub async fn send_result(&self, job: &Handed, body: String) -> (u16, Value) {
        self.call(&format!("/jobs/{}/result", job.id), body).await
    }

    /// The body of a result with chunks that could not be sent before.
    pub fn result_with_tail(&self, job: &Handed, tail: Vec<Value>) -> String {
        let values = [("node_id", self.id.as_str()), ("job_id", &job.id), ("request_id", &job.request_id)];
        let mut result: Value = serde_json::from_str(&fixture("result", &values)).unwrap();
        result["stream_events"] = tail.into();
        result.to_string()
    }
}
