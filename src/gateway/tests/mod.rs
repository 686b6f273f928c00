//! The gateway over real sockets, with nodes that speak the wire types.

mod administration;
mod auth;
mod direct;
mod events;
mod grants;
mod jobs;
mod limits;
mod nodes;
mod poll;
mod protocol_1;
mod relayed;
mod selection;
mod turns;

use super::store::{SqliteStore, Store};
use super::{GatewayConfig, GatewayServer, create_key};
use crate::base::Shutdown;
use crate::wire::NODE_PREFIX;
use crate::wire::gateway::{CreateKey, JobView, Scope};
use crate::wire::node::{Job, PollResponse};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Long enough for anything here; only a failing test ever waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway of its own for one test.
struct TestGateway {
    url: String,
    client: reqwest::Client,
    store: Arc<dyn Store>,
    shutdown: Shutdown,
    task: tokio::task::JoinHandle<()>,
    call: String,
    admin: String,
    enroll: String,
    _dir: tempfile::TempDir,
}

impl TestGateway {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut GatewayConfig)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&dir.path().join("gateway.db")).await.unwrap());
        let mut config = GatewayConfig::new("127.0.0.1:0".parse().unwrap(), dir.path());
        change(&mut config);
        let server = GatewayServer::bind(config, Arc::clone(&store)).await.unwrap();
        let url = format!("http://{}", server.local_addr());
        let shutdown = Shutdown::new();
        let run = server.run(shutdown.clone());
        let task = tokio::spawn(async move { run.await.unwrap() });
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut gateway = Self {
            url,
            client,
            store,
            shutdown,
            task,
            call: String::new(),
            admin: String::new(),
            enroll: String::new(),
            _dir: dir,
        };
        gateway.call = gateway.key(Scope::Call, None, None).await;
        gateway.admin = gateway.key(Scope::Admin, None, None).await;
        gateway.enroll = gateway.key(Scope::Enroll, None, None).await;
        gateway
    }

    async fn key(&self, scope: Scope, ttl_s: Option<u64>, uses: Option<u32>) -> String {
        let wanted = CreateKey { scopes: vec![scope], label: None, ttl_s, uses, grants: None };
        create_key(self.store.as_ref(), &wanted).await.unwrap().key
    }

    /// A key for calls with these grants, and its id.
    async fn limited(&self, grants: Value) -> (String, String) {
        let wanted = json!({"scopes": ["call"], "grants": grants});
        let (status, made) = self.ask(Method::POST, "/v1/keys", &self.admin, Some(wanted)).await;
        assert_eq!(status, 201, "{made}");
        (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned())
    }

    async fn send(&self, method: Method, path: &str, key: &str, body: Option<Value>) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(key);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        within("an answer", request.send()).await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, key: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.send(method, path, key, body).await;
        assert!(response.headers().contains_key("x-request-id"), "{path}");
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, &self.call, None).await
    }

    async fn submit(&self, body: Value) -> JobView {
        let (status, job) = self.ask(Method::POST, "/v1/jobs", &self.call, Some(body)).await;
        assert_eq!(status, 202, "{job}");
        serde_json::from_value(job).unwrap()
    }

    async fn job(&self, id: &str) -> JobView {
        serde_json::from_value(self.get(&format!("/v1/jobs/{id}")).await.1).unwrap()
    }

    async fn wait(&self, id: &str) -> JobView {
        let path = format!("/v1/jobs/{id}/wait");
        serde_json::from_value(self.ask(Method::POST, &path, &self.call, None).await.1).unwrap()
    }

    /// A protocol 2 node that has joined and sent its first heartbeat.
    async fn node(&self, name: &str) -> FakeNode {
        let node = FakeNode::join(self, name, Some(2)).await;
        node.beat(self, true).await;
        node
    }

    async fn end(self) {
        self.shutdown.advance();
        within("the gateway's end", self.task).await.unwrap();
    }
}

/// A node as the gateway sees one.
#[derive(Clone)]
struct FakeNode {
    id: String,
    token: String,
    instance: String,
    protocol: Option<u32>,
}

impl FakeNode {
    async fn join(gateway: &TestGateway, name: &str, protocol: Option<u32>) -> Self {
        let fingerprint = format!("sha256:{}", crate::base::sha256_hex(name.as_bytes()));
        let mut body = json!({
            "machine_fingerprint": fingerprint, "server_name": name, "label": name, "relay_mode": "outbound",
            "direct_base_url": null, "node_version": "0.1.128", "discovery_mode": "mcoda", "expose_all_models": true,
            "model_allowlist": [], "model_blocklist": [], "client_allowlist": [], "heartbeat_interval_seconds": 30,
            "max_concurrent_jobs": 1, "max_concurrent_llm_jobs": 1, "drain_mode": false, "load_reporting_enabled": true,
            "hardware_telemetry_enabled": false, "generic_job_max_concurrency": 1
        });
        if let Some(protocol) = protocol {
            body["runtime_protocol_version"] = protocol.into();
            body["labels"] = json!({"name": name});
        }
        let request = gateway.client.post(format!("{}{NODE_PREFIX}/bootstrap", gateway.url));
        let request = request.header("x-api-key", &gateway.enroll).json(&body);
        let answer = within("the bootstrap", request.send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let instance = crate::base::mint("run");
        Self { id: text(&answer["node"]["node_id"]), token: text(&answer["runtime_token"]), instance, protocol }
    }

    async fn call(&self, gateway: &TestGateway, path: &str, mut body: Value) -> (u16, Value) {
        body["node_id"] = self.id.clone().into();
        if self.protocol.is_some() {
            body["instance_id"] = self.instance.clone().into();
            body["runtime_protocol_version"] = 2.into();
        }
        gateway.ask(Method::POST, &format!("{NODE_PREFIX}{path}"), &self.token, Some(body)).await
    }

    async fn beat(&self, gateway: &TestGateway, starting: bool) -> Value {
        let capacity = json!({"active_jobs": 0, "queued_jobs": 0, "max_concurrency": 4});
        let body = json!({"status": "online", "starting": starting, "capacity": capacity});
        let (status, answer) = self.call(gateway, "/heartbeat", body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn poll(&self, gateway: &TestGateway, wait_ms: u64, free_slots: u32) -> PollResponse {
        let (status, answer) = self.try_poll(gateway, wait_ms, free_slots).await;
        assert_eq!(status, 200, "{answer}");
        serde_json::from_value(answer).unwrap()
    }

    async fn try_poll(&self, gateway: &TestGateway, wait_ms: u64, free_slots: u32) -> (u16, Value) {
        let capacity = json!({"active_jobs": 0, "queued_jobs": 0, "max_jobs": 4, "max_concurrency": 4, "free_slots": free_slots, "drain_mode": false});
        self.call(gateway, "/jobs/poll", json!({"capacity": capacity, "wait_ms": wait_ms})).await
    }

    /// The next job, however long it takes.
    async fn next(&self, gateway: &TestGateway) -> Job {
        loop {
            let mut answer = self.poll(gateway, 25_000, 1).await;
            if let Some(job) = answer.jobs.pop().or(answer.job) {
                return job;
            }
        }
    }

    async fn start(&self, gateway: &TestGateway, job: &Job) -> (u16, Value) {
        let epoch = job.lease.as_ref().unwrap().epoch;
        self.call(gateway, &format!("/jobs/{}/start", job.job_id), json!({"epoch": epoch})).await
    }

    /// A body that its caller still sends, piece by piece.
    async fn body(&self, gateway: &TestGateway, job: &Job) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let path = format!("{NODE_PREFIX}/jobs/{}/body?epoch=1&offset={}", job.job_id, bytes.len());
            let response = gateway.send(Method::GET, &path, &self.token, None).await;
            assert_eq!(response.status(), StatusCode::OK);
            let is_last = response.headers().contains_key(crate::wire::node::BODY_END);
            bytes.extend_from_slice(&response.bytes().await.unwrap());
            if is_last {
                return bytes;
            }
        }
    }

    /// A piece of an answer while it is made; the status, and where to go on.
    async fn answer(&self, gateway: &TestGateway, job: &Job, offset: u64, head: &Value, bytes: &[u8]) -> (u16, u64) {
        let head = if head.is_null() { String::new() } else { head.to_string() };
        let url = format!("{}{NODE_PREFIX}/jobs/{}/answer", gateway.url, job.job_id);
        let put = gateway.client.put(format!("{url}?epoch=1&offset={offset}&head={}", head.len()));
        let put = put.bearer_auth(&self.token).body([head.as_bytes(), bytes].concat());
        let response = within("the piece's answer", put.send()).await.unwrap();
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap()["next_offset"].as_u64().unwrap_or_default())
    }

    async fn finish(&self, gateway: &TestGateway, job: &Job, more: Value) -> (u16, Value) {
        let mut body = json!({"job_id": job.job_id, "request_id": job.request_id, "status": "success",
            "state": "succeeded", "reason": "done", "lease": job.lease});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(gateway, &format!("/jobs/{}/result", job.job_id), body).await
    }
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(done) => done,
        Err(_) => panic!("{what} did not come within {PATIENCE:?}"),
    }
}

/// Waits until a predicate holds, looking again and again.
async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let look = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within(what, look).await;
}

fn parse<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
