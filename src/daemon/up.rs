//! A gateway and a node in one process, and a first job through both.

use super::node::{NodeOptions, NodeRole};
use super::setup::{NodeSetup, setup};
use super::{DaemonError, GatewayOptions, GatewayRole, SetupChoices};
use crate::base::{Secret, Shutdown};
use crate::client::{Door, DoorError};
use crate::relay::Joining;
use crate::state::{Home, InstanceLock};
use crate::telemetry::forget_in_logs;
use crate::wire::gateway::{CreateKey, Scope};
use crate::wire::v1::ExecuteAnswer;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Where a gateway listens unless told otherwise.
const GATEWAY_PORT: u16 = 8790;
/// Where a node serves `/v1` unless told otherwise.
const API_PORT: u16 = 8765;
/// The node's name at its gateway.
const NAME: &str = "this-machine";
/// The workspace of the first job.
const WORKSPACE: &str = "first";

/// What the first job runs: enough of a pipeline to show that it is a shell.
const SCRIPT: &str = "\
echo \"$(find . -type f | wc -l) files:\"
find . -type f | sort
echo 'which fruit was sold most?'
cat sales/*.csv | awk -F, '{ sold[$1] += $2 } END { for (name in sold) print sold[name], name }' | sort -rn | head -n 3";

/// The small tree that the first job works on.
const TREE: [(&str, &str); 4] = [
    ("sales/monday.csv", "apple,3\npear,5\nplum,2\n"),
    ("sales/tuesday.csv", "apple,4\ncherry,12\n"),
    ("sales/wednesday.csv", "pear,9\nplum,1\napple,2\n"),
    ("readme.txt", "three days at the market\n"),
];

/// What `up` is started with.
#[derive(Debug, Clone)]
pub struct UpOptions {
    /// Where both keep themselves.
    pub dir: PathBuf,
}

/// A gateway and a node that run.
pub struct Up {
    /// The gateway's URL.
    pub gateway_url: String,
    /// The node's own URL.
    pub api_url: String,
    /// A key of the gateway with every scope.
    pub key: Secret,
    /// The node's name.
    pub node: &'static str,
    shutdown: Shutdown,
    gateway_shutdown: Shutdown,
    node_task: JoinSet<Result<(), DaemonError>>,
    gateway_task: JoinSet<Result<(), DaemonError>>,
}

/// How the first job went.
pub struct FirstJob {
    /// The job's id.
    pub id: String,
    /// The workspace it left behind.
    pub workspace: &'static str,
    /// What it ran.
    pub script: &'static str,
    /// What it printed.
    pub answer: ExecuteAnswer,
    /// From its submission to its answer.
    pub elapsed: Duration,
}

impl Up {
    /// Starts both, until `shutdown` is advanced. Free ports are taken where the usual ones are in use.
    ///
    /// # Errors
    /// When the directory is in use or cannot be used, or one of them does not start.
    pub async fn start(options: UpOptions, shutdown: Shutdown) -> Result<Self, DaemonError> {
        let home = Home::locate(Some(options.dir.join("node")))?;
        home.prepare()?;
        let lock = InstanceLock::acquire(&home)?;
        let gateway = bind_gateway(&options).await?;
        let gateway_url = format!("http://{}", gateway.local_addr());
        let wanted = CreateKey {
            scopes: vec![Scope::Enroll, Scope::Call, Scope::Admin],
            label: Some("made by `waypost up`".to_owned()),
            ttl_s: Some(7 * 24 * 3600),
            uses: None,
            grants: None,
        };
        let key = Secret::new(gateway.create_key(&wanted).await?.key);
        forget_in_logs(&key);
        // The node ends first: its last results need the gateway.
        let gateway_shutdown = Shutdown::new();
        let mut gateway_task = JoinSet::new();
        gateway_task.spawn(gateway.run(gateway_shutdown.clone()));

        let wanted = NodeSetup {
            joining: Joining::Key(key.clone()),
            choices: SetupChoices {
                gateway: Some(gateway_url.clone()),
                name: Some(NAME.to_owned()),
                ..SetupChoices::default()
            },
        };
        setup(&home, wanted).await?;
        let options = NodeOptions { or_any_port: true, ..NodeOptions::new(home, loopback(API_PORT)) };
        let node = NodeRole::open(options, lock).await?;
        let api_url = node.api_url();
        let mut node_task = JoinSet::new();
        node_task.spawn(node.run(shutdown.clone()));
        Ok(Self { gateway_url, api_url, key, node: NAME, shutdown, gateway_shutdown, node_task, gateway_task })
    }

    /// Creates a workspace, loads a small tree and runs a pipeline over it, all through the queue and the relay.
    ///
    /// # Errors
    /// When a step fails, with what the gateway said.
    pub async fn first_job(&self) -> Result<FirstJob, DaemonError> {
        let door = Door::open(&self.gateway_url, Some(self.key.clone())).map_err(said)?;
        let list = json!({ "node": self.node, "operation": "workspaces.list" });
        let there = run_job(&door, &list).await?["result"].clone();
        if there.as_array().is_some_and(|all| all.iter().any(|workspace| workspace["id"] == WORKSPACE)) {
            // Left by an earlier run in the same directory.
            let delete = json!({ "node": self.node, "operation": "workspaces.delete", "params": { "id": WORKSPACE } });
            run_job(&door, &delete).await?;
        }
        let upload = door.request(Method::PUT, "/v1/blobs").body(tree()?);
        let blob: Value = door.json(door.send(upload).await.map_err(said)?).await.map_err(said)?;
        let load = json!({ "node": self.node, "operation": "workspaces.load", "body": { "sha256": blob["sha256"] },
                           "params": { "id": WORKSPACE, "mount": "/market" } });
        run_job(&door, &load).await?;
        let begun = Instant::now();
        let execute = json!({ "node": self.node, "operation": "workspaces.execute",
                              "params": { "id": WORKSPACE, "cwd": "/market", "command": SCRIPT } });
        let job = run_job(&door, &execute).await?;
        let elapsed = begun.elapsed();
        let answer = serde_json::from_value(job["result"].clone())
            .map_err(|_| DaemonError::Failed(format!("the first job's answer is not an execution's: {job}")))?;
        let id = job["id"].as_str().unwrap_or_default().to_owned();
        Ok(FirstJob { id, workspace: WORKSPACE, script: SCRIPT, answer, elapsed })
    }

    /// Runs until told to end, or until one of the two ends by itself.
    ///
    /// # Errors
    /// When one of them fails.
    pub async fn run(mut self) -> Result<(), DaemonError> {
        let first = tokio::select! {
            Some(ended) = self.node_task.join_next() => ended,
            Some(ended) = self.gateway_task.join_next() => {
                self.shutdown.abort();
                ended
            }
            else => Ok(Ok(())),
        };
        while self.node_task.join_next().await.is_some() {}
        self.gateway_shutdown.advance();
        while self.gateway_task.join_next().await.is_some() {}
        first.map_err(|panicked| DaemonError::Failed(panicked.to_string()))?
    }
}

fn said(failed: DoorError) -> DaemonError {
    DaemonError::Failed(failed.to_string())
}

async fn run_job(door: &Door, job: &Value) -> Result<Value, DaemonError> {
    let job: Value = door.post("/v1/jobs", job).await.map_err(said)?;
    let id = job["id"].as_str().unwrap_or_default();
    let job: Value = door.post(&format!("/v1/jobs/{id}/wait"), &json!({ "timeout_s": 60 })).await.map_err(said)?;
    if job["state"] == "succeeded" {
        return Ok(job);
    }
    Err(DaemonError::Failed(format!("the first job ended as {}: {}", job["state"], job["error"])))
}

fn tree() -> Result<Vec<u8>, DaemonError> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in TREE {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .map_err(|failed| DaemonError::Failed(failed.to_string()))?;
    }
    archive.into_inner().map_err(|failed| DaemonError::Failed(failed.to_string()))
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

async fn bind_gateway(options: &UpOptions) -> Result<GatewayRole, DaemonError> {
    let at =
        |port| GatewayOptions { listen: loopback(port), data_dir: options.dir.join("gateway"), behind_proxy: false };
    match GatewayRole::bind(at(GATEWAY_PORT)).await {
        Err(DaemonError::Listen { .. }) => GatewayRole::bind(at(0)).await,
        other => other,
    }
}
