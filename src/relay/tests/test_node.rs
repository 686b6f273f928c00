//! A node with a directory of its own and an executor that does as it is told.

use super::super::{Executor, Intervals, Relay, RelayError, RelayOptions, connect};
use super::fake_gateway::FakeGateway;
use crate::base::{Secret, Shutdown};
use crate::jobs::{Answer, AnswerStream, Outcome, RunContext, Upload};
use crate::state::{Credentials, Home, NodeConfig, NodeStatus, StatusBoard};
use crate::wire::gateway::JobState;
use crate::wire::v1::OperationRequest;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// `sessions.list` answers at once; `workspaces.execute` prints, then waits to be let go; `workspaces.snapshot` answers
/// with a body; `workspaces.get` breaks.
#[derive(Default)]
pub(super) struct FakeExecutor {
    pub(super) ran: Mutex<Vec<OperationRequest>>,
    pub(super) go: Notify,
}

#[async_trait]
impl Executor for FakeExecutor {
    async fn run(&self, request: OperationRequest, _: Option<Upload>, context: RunContext) -> Outcome {
        self.ran.lock().unwrap().push(request.clone());
        match request.operation.as_str() {
            "workspaces.execute" => {
                if let Some(progress) = &context.progress {
                    progress.stdout(b"hello ");
                    progress.stdout(b"world");
                    progress.stderr(b"oops");
                }
                tokio::select! {
                    () = self.go.notified() => Outcome::done(json!({"stdout": "hello world"})),
                    () = context.cancel.cancelled() => Outcome {
                        state: JobState::Cancelled,
                        reason: "cancel_requested".to_owned(),
                        answer: Some(Answer { value: json!({"stdout": "hello"}), body: None }),
                        failure: None,
                    },
                }
            }
            "workspaces.snapshot" => {
                let (send, chunks) = tokio::sync::mpsc::channel(4);
                tokio::spawn(async move {
                    for part in [&b"tar"[..], b"ball"] {
                        let _ = send.send(Ok(Bytes::from_static(part))).await;
                    }
                });
                let body = AnswerStream { content_type: "application/x-tar", size: None, chunks };
                let answer = Some(Answer { value: json!({}), body: Some(body) });
                Outcome { state: JobState::Succeeded, reason: "done".to_owned(), answer, failure: None }
            }
            "workspaces.get" => panic!("as told"),
            _ => Outcome::done(json!({"bytes": request.body.len()})),
        }
    }
}

pub(super) struct TestNode {
    _dir: tempfile::TempDir,
    pub(super) home: Home,
    pub(super) executor: Arc<FakeExecutor>,
    pub(super) slots: u32,
    pub(super) intervals: Intervals,
}

/// A relay that runs.
pub(super) struct Running {
    pub(super) shutdown: Shutdown,
    pub(super) board: Arc<StatusBoard>,
    task: Option<JoinHandle<Result<(), RelayError>>>,
    /// Its own, so that everything it started dies with it.
    process: Option<Runtime>,
}

impl TestNode {
    pub(super) fn new(gateway: &FakeGateway) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path().join("node"))).unwrap();
        home.prepare().unwrap();
        let config = NodeConfig {
            node_id: Some("shn_1".to_owned()),
            server_name: Some("box".to_owned()),
            gateway_base_url: Some(gateway.url.clone()),
            config_version: Some(7),
            ..NodeConfig::default()
        };
        config.store(&home).unwrap();
        Credentials::of(&home).store(&Secret::new("msn_1")).unwrap();
        let intervals = Intervals {
            heartbeat: Some(Duration::from_millis(100)),
            removed: Duration::from_millis(200),
            backoff: Duration::from_millis(5),
            cap: Duration::from_millis(40),
            farewell: Duration::from_secs(5),
            ..Intervals::default()
        };
        Self { _dir: dir, home, executor: Arc::default(), slots: 2, intervals }
    }

    pub(super) fn relay(&self) -> (Relay, Arc<StatusBoard>) {
        let config = NodeConfig::load(&self.home).unwrap();
        let credentials = Credentials::of(&self.home);
        let board = Arc::new(StatusBoard::new(&self.home, NodeStatus::default()));
        let relay = Relay::new(RelayOptions {
            home: self.home.clone(),
            client: connect(&config, &credentials, crate::client::Network::default()).unwrap(),
            config,
            credentials,
            executor: self.executor.clone(),
            board: board.clone(),
            slots: self.slots,
            version: "0.1.0".to_owned(),
            intervals: self.intervals.clone(),
        });
        (relay.unwrap(), board)
    }

    pub(super) fn start(&self) -> Running {
        let (relay, board) = self.relay();
        let shutdown = Shutdown::new();
        let process = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let task = Some(process.spawn(relay.run(shutdown.clone())));
        Running { shutdown, board, task, process: Some(process) }
    }

    pub(super) fn ran(&self) -> usize {
        self.executor.ran.lock().unwrap().len()
    }

    pub(super) fn bodies(&self) -> usize {
        std::fs::read_dir(self.home.outbox()).unwrap().count()
    }

    /// Interferes with the journal from outside.
    pub(super) async fn journal_execute(&self, statement: &'static str) {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.home.journal());
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        sqlx::query(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// What the journal holds: job, epoch and phase.
    pub(super) async fn journal(&self) -> Vec<(String, u64, String)> {
        let path = self.home.journal();
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let rows: Vec<(String, i64, String)> =
            sqlx::query_as("SELECT job_id, epoch, phase FROM attempts").fetch_all(&pool).await.unwrap();
        pool.close().await;
        rows.into_iter().map(|(id, epoch, phase)| (id, epoch as u64, phase)).collect()
    }
}

impl Running {
    /// Drains, and waits for the end.
    pub(super) async fn stop(self) -> Result<(), RelayError> {
        self.shutdown.advance();
        self.end().await
    }

    /// Waits for the end.
    pub(super) async fn end(mut self) -> Result<(), RelayError> {
        let task = self.task.take().unwrap();
        tokio::time::timeout(Duration::from_secs(10), task).await.expect("the relay ends").unwrap()
    }

    /// As if the process were killed.
    pub(super) async fn kill(mut self) {
        let process = self.process.take().unwrap();
        tokio::task::spawn_blocking(move || process.shutdown_timeout(Duration::from_secs(5))).await.unwrap();
    }

    pub(super) fn reason(&self, kind: &str) -> String {
        self.board.snapshot().condition(kind).map(|condition| condition.reason.clone()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            process.shutdown_background();
        }
    }
}
