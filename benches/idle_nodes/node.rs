//! Nodes as a gateway sees them: protocol 2 spoken over bare connections, so that thousands fit into one small process.

use rand::RngExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use waypost::wire::NODE_PREFIX;
use waypost::wire::node::{BootstrapResponse, HeartbeatResponse, Job, PollResponse, ResultResponse};

const HEARTBEAT: Duration = Duration::from_secs(30);
const HOLD_MS: u64 = 25_000;
/// Nodes that join at the same time.
const JOINING: usize = 32;

/// What the nth is called.
pub fn name(n: u64) -> String {
    format!("idle-{n:05}")
}

/// Runs as many as the environment says until the process is ended; prints `ready` once all of them poll.
pub fn simulate() {
    let told = |name: &str| std::env::var(name).expect("told by the bench");
    let nodes: u64 = told(super::SIMULATE).parse().expect("a number");
    let gateway = told("IDLE_GATEWAY").trim_start_matches("http://").to_owned();
    let (key, gateway): (Arc<str>, Arc<str>) = (told("IDLE_KEY").into(), gateway.into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (joining, ready) = (Arc::new(Semaphore::new(JOINING)), Arc::new(AtomicU64::new(0)));
        for n in 0..nodes {
            let (key, gateway, joining, ready) = (key.clone(), gateway.clone(), joining.clone(), ready.clone());
            tokio::spawn(async move {
                let node = {
                    let _one = joining.acquire().await.expect("open");
                    let node = Node::join(n, &key, gateway).await;
                    node.beat_once(true).await;
                    Arc::new(node)
                };
                if ready.fetch_add(1, Ordering::Relaxed) + 1 == nodes {
                    println!("ready");
                }
                tokio::spawn(Arc::clone(&node).beat());
                node.poll().await;
            });
        }
        std::future::pending::<()>().await;
    });
}

struct Node {
    id: String,
    token: String,
    instance: String,
    gateway: Arc<str>,
}

impl Node {
    async fn join(n: u64, key: &str, gateway: Arc<str>) -> Self {
        let body = json!({
            "machine_fingerprint": format!("sha256:{n:064x}"), "server_name": name(n), "label": name(n),
            "relay_mode": "outbound", "direct_base_url": null, "node_version": "0", "discovery_mode": "mcoda",
            "expose_all_models": true, "model_allowlist": [], "model_blocklist": [], "client_allowlist": [],
            "heartbeat_interval_seconds": HEARTBEAT.as_secs(), "max_concurrent_jobs": 2, "max_concurrent_llm_jobs": 2,
            "drain_mode": false, "load_reporting_enabled": true, "hardware_telemetry_enabled": false,
            "generic_job_max_concurrency": 0, "runtime_protocol_version": 2,
        });
        let mut wire = Wire::default();
        let joined: BootstrapResponse = wire.post(&gateway, "/bootstrap", key, &body).await.expect("joined");
        Self { id: joined.node.node_id, token: joined.runtime_token, instance: format!("inst-{n:05}"), gateway }
    }

    /// A heartbeat as long as a real one of a node without agents.
    fn heartbeat(&self, starting: bool) -> Value {
        let class = json!({ "pool": "llm", "max_concurrency": 2, "active_jobs": 0, "queued_jobs": 0, "free_slots": 2 });
        let condition = |kind: &str, reason: &str| json!({ "type": kind, "ok": true, "reason": reason, "message": "as it should be", "for_ms": 1000 });
        json!({
            "node_id": self.id, "node_version": "0", "runtime_protocol_version": 2, "config_version": 1,
            "status": "online",
            "runtime": { "protocol_version": 2, "relay_mode": "outbound", "load_reporting_enabled": true,
                         "hardware_telemetry_enabled": false, "drain_mode": false },
            "discovery": { "source": "mcoda", "mcoda_status": "ok" },
            "ollama": { "status": null, "version": null },
            "capacity": { "protocol_version": 1, "runtime_protocol_version": 2, "max_concurrency": 2,
                          "max_concurrent_llm_jobs": 2, "max_concurrent_generic_jobs": 0, "active_jobs": 0,
                          "queued_jobs": 0, "free_slots": 2, "drain_mode": false,
                          "execution_class_capacity": { "chat": class, "agentic": class, "generic_job": class } },
            "health": { "avg_latency_ms": 0, "recent_failure_count": 0, "recent_failures": [], "last_success_at": null },
            "local_agent_catalog": { "revision": "", "metadata_version": 1, "model_count": 0, "exposed_model_count": 0 },
            "client_allowlist": [], "models": [], "instance_id": self.instance, "starting": starting,
            "conditions": [condition("link", "fresh"), condition("claims", "polling"), condition("outbox", "empty")],
        })
    }

    async fn beat_once(&self, starting: bool) {
        self.beat_on(&mut Wire::default(), starting).await.expect("the first heartbeat");
    }

    async fn beat_on(&self, wire: &mut Wire, starting: bool) -> Result<HeartbeatResponse, String> {
        wire.post(&self.gateway, "/heartbeat", &self.token, &self.heartbeat(starting)).await
    }

    /// A heartbeat every now and then, on a connection of its own.
    async fn beat(self: Arc<Self>) {
        let mut wire = Wire::default();
        // They do not all beat at the moment at which they joined.
        let mut pause = HEARTBEAT.mul_f64(random(0.0, 1.0));
        loop {
            tokio::time::sleep(pause).await;
            if let Err(failed) = self.beat_on(&mut wire, false).await {
                eprintln!("heartbeat of {}: {failed}", self.id);
            }
            pause = HEARTBEAT.mul_f64(random(0.8, 1.2));
        }
    }

    /// Polls, and does at once what comes.
    async fn poll(&self) {
        let mut wire = Wire::default();
        let capacity = json!({ "active_jobs": 0, "queued_jobs": 0, "max_jobs": 2, "max_concurrency": 2,
                               "free_slots": 2, "drain_mode": false });
        let ask = json!({ "node_id": self.id, "wait_ms": HOLD_MS, "capacity": capacity,
                          "runtime_protocol_version": 2, "instance_id": self.instance });
        loop {
            match wire.post::<PollResponse>(&self.gateway, "/jobs/poll", &self.token, &ask).await {
                Ok(reply) => {
                    for job in reply.jobs {
                        self.run(&mut wire, &job).await;
                    }
                }
                Err(failed) => {
                    eprintln!("poll of {}: {failed}", self.id);
                    tokio::time::sleep(Duration::from_secs_f64(random(0.5, 2.0))).await;
                }
            }
        }
    }

    /// The only job that this bench sends is one whose caller waits; such a job is begun without saying so.
    async fn run(&self, wire: &mut Wire, job: &Job) {
        let result = json!({
            "node_id": self.id, "job_id": job.job_id, "request_id": job.request_id, "operation": job.operation,
            "status": "success", "timing": { "local_latency_ms": 0 }, "lease": job.lease, "state": "succeeded",
            "reason": "done", "answer": { "status": "ok" },
        });
        let path = format!("/jobs/{}/result", job.job_id);
        if let Err(failed) = wire.post::<ResultResponse>(&self.gateway, &path, &self.token, &result).await {
            eprintln!("result of {}: {failed}", job.job_id);
        }
    }
}

fn random(from: f64, to: f64) -> f64 {
    rand::rng().random_range(from..to)
}

/// One connection that is kept for the next call; opened when there is none.
#[derive(Default)]
struct Wire {
    stream: Option<TcpStream>,
}

impl Wire {
    async fn post<T: DeserializeOwned>(
        &mut self,
        gateway: &str,
        path: &str,
        token: &str,
        body: &impl Serialize,
    ) -> Result<T, String> {
        let body = serde_json::to_vec(body).expect("JSON");
        // Kept only when the call went well.
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => TcpStream::connect(gateway).await.map_err(|failed| failed.to_string())?,
        };
        let head = format!(
            "POST {NODE_PREFIX}{path} HTTP/1.1\r\nhost: {gateway}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let (status, answer) =
            exchange(&mut stream, &[head.as_bytes(), &body].concat()).await.map_err(|failed| failed.to_string())?;
        if status != 200 {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&answer)));
        }
        self.stream = Some(stream);
        serde_json::from_slice(&answer).map_err(|wrong| wrong.to_string())
    }
}

/// Sends a request and reads an answer that says its length.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
    stream.write_all(request).await?;
    // Nothing is held while the gateway holds the poll.
    stream.readable().await?;
    let mut answer = Vec::new();
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let (Some(length), Some(Ok(status))) = (length, head.get(9..12).map(str::parse)) else {
            return Err(std::io::Error::other(format!("no answer of this gateway: {head}")));
        };
        if answer.len() >= end + 4 + length {
            return Ok((status, answer.split_off(end + 4)));
        }
    }
}
