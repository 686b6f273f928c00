//! The node's `/v1` over real sockets. One file per part of the surface.

mod documents;
mod errors;
mod execute;
mod guard;
mod jobs;
mod limits;
mod load;
mod provision;
mod quick_start;
mod restart;
mod sessions;
mod shell;
mod shutdown;
mod snapshot;
mod snapshot_path;
mod statuses;
mod tools;
mod typescript;
mod versions;
mod vfs;
mod workspaces;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use waypost::api::{ApiConfig, ApiServer};
use waypost::base::Shutdown;
use waypost::jobs::{Engine, EngineOptions};
use waypost::store::SqliteStore;
use waypost::versions::GitVersions;
use waypost::workspace::{Options, Store, Workspaces};

/// A server of its own on a free port, and a client of it.
pub struct Server {
    pub url: String,
    address: std::net::SocketAddr,
    engine: Engine,
    shutdown: Shutdown,
    task: tokio::task::JoinHandle<()>,
    client: reqwest::Client,
}

/// A whole response.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Server {
    /// Everything in memory, default settings.
    pub async fn start() -> Self {
        Self::with(|_, _| {}).await
    }

    /// Other settings, everything in memory.
    pub async fn with(set: impl FnOnce(&mut ApiConfig, &mut EngineOptions)) -> Self {
        let workspaces = Workspaces::open(None, Options::default()).await.unwrap();
        Self::of(workspaces, set).await
    }

    /// As a node has it: workspaces and jobs are kept in `dir`.
    async fn kept_in(dir: &Path) -> Self {
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(dir).await.unwrap());
        let workspaces = Workspaces::open(Some(store), Options::default()).await.unwrap();
        let versions = Arc::new(GitVersions::new(dir.join("repos")));
        Self::of(workspaces, |_, engine| {
            engine.jobs_db = Some(dir.join("jobs.db"));
            engine.versions = Some(versions);
        })
        .await
    }

    async fn of(workspaces: Workspaces, set: impl FnOnce(&mut ApiConfig, &mut EngineOptions)) -> Self {
        let mut config = ApiConfig { listen: ([127, 0, 0, 1], 0).into(), ..ApiConfig::default() };
        let versions = Arc::new(GitVersions::temporary().unwrap());
        let mut options = EngineOptions { versions: Some(versions), ..EngineOptions::new(workspaces) };
        set(&mut config, &mut options);
        let engine = Engine::open(options).await.unwrap();
        let server = ApiServer::bind(config, engine.clone()).await.unwrap();
        let (address, shutdown) = (server.local_addr(), Shutdown::new());
        let task = tokio::spawn(server.run(shutdown.clone()));
        // The client's TLS wants a provider even when it speaks plain HTTP; another test may have set it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { url: format!("http://{address}"), address, engine, shutdown, task, client }
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Vec::new()).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, &[("content-type", "application/json")], body.to_string().into()).await
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(body).send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    /// Sends multipart parts `(disposition, bytes)`.
    async fn post_parts(&self, path: &str, parts: &[(&str, &[u8])]) -> Reply {
        let mut body = Vec::new();
        for (disposition, bytes) in parts {
            body.extend_from_slice(
                format!("--xYx\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xYx--\r\n");
        self.send(Method::POST, path, &[("content-type", "multipart/form-data; boundary=xYx")], body).await
    }

    /// The workspace `demo` with a `ram` mount at `/data`.
    async fn demo(&self) {
        let created = self.post("/v1/workspaces", json!({"id": "demo", "config": demo_config()})).await;
        assert_eq!(created.status, 201, "{created:?}");
    }

    /// Runs a script in `demo` and gives its standard output.
    async fn sh(&self, command: &str) -> String {
        let reply = self.post("/v1/workspaces/demo/execute", json!({ "command": command })).await;
        assert_eq!((reply.status, &reply.json()["exit_code"]), (200, &json!(0)), "{command}: {reply:?}");
        reply.json()["stdout"].as_str().unwrap().to_owned()
    }

    /// Starts a script in the background of `demo` and gives the job's id.
    async fn background(&self, command: &str) -> String {
        let reply = self.post("/v1/workspaces/demo/execute?background=true", json!({ "command": command })).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        reply.json()["job_id"].as_str().unwrap().to_owned()
    }

    async fn job(&self, id: &str) -> Value {
        self.get(&format!("/v1/jobs/{id}")).await.json()
    }

    /// Ends the server as a crash would: nothing is finished, nothing is said.
    async fn kill(self) {
        self.shutdown.abort();
        self.task.await.unwrap();
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    fn detail(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        self.json()["detail"].as_str().unwrap().to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn demo_config() -> Value {
    json!({"mounts": {"/data": {"type": "ram"}}, "mode": "write"})
}

/// Waits until `state` gives something, and says what was there last when it does not.
async fn wait_until<T>(what: &str, mut state: impl AsyncFnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match state().await {
            Ok(reached) => return reached,
            Err(last) if Instant::now() > deadline => panic!("{what}: not reached, last state: {last}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}
