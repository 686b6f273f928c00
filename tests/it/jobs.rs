//! The engine without a door: what a caller gives along with a request, and what it gets back.

use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use waypost::jobs::{Engine, EngineOptions, Outcome, Progress, RunContext};
use waypost::wire::gateway::JobState;
use waypost::wire::v1::{ErrorCode, OperationRequest};
use waypost::workspace::{Options, Workspaces};

const ENDLESS: &str = "echo begun; while :; do :; done";

async fn engine() -> Engine {
    let workspaces = Workspaces::open(None, Options::default()).await.unwrap();
    let engine = Engine::open(EngineOptions::new(workspaces)).await.unwrap();
    let created = run(&engine, "workspaces.create", json!({"id": "w", "config": {"mounts": {}}})).await;
    assert_eq!(created.state, JobState::Succeeded, "{created:?}");
    engine
}

fn request(operation: &str, params: Value) -> OperationRequest {
    let params: Map<String, Value> = serde_json::from_value(params).unwrap();
    OperationRequest { operation: operation.to_owned(), params, ..OperationRequest::default() }
}

async fn run(engine: &Engine, operation: &str, params: Value) -> Outcome {
    engine.run(request(operation, params), RunContext::default()).await
}

async fn execute(engine: &Engine, command: &str, context: RunContext) -> Outcome {
    engine.run(request("workspaces.execute", json!({"id": "w", "command": command})), context).await
}

fn within(timeout: Duration) -> RunContext {
    RunContext { timeout: Some(timeout), ..RunContext::default() }
}

fn answer(outcome: &Outcome, name: &str) -> Value {
    outcome.answer.as_ref().unwrap_or_else(|| panic!("no answer: {outcome:?}")).value[name].clone()
}

#[tokio::test]
async fn the_caller_s_deadline_gives_timed_out_with_what_there_is() {
    let engine = engine().await;
    let outcome = execute(&engine, ENDLESS, within(Duration::from_millis(200))).await;
    assert_eq!((outcome.state, outcome.reason.as_str()), (JobState::TimedOut, "timeout"));
    assert!(outcome.failure.is_none());
    assert_eq!((answer(&outcome, "exit_code"), answer(&outcome, "stdout")), (124.into(), "begun\n".into()));
}

#[tokio::test]
async fn the_deadline_also_counts_while_the_session_is_busy() {
    let engine = engine().await;
    let cancel = CancellationToken::new();
    let context = RunContext { cancel: cancel.clone(), ..RunContext::default() };
    let first = execute(&engine, ENDLESS, context);
    let second = async {
        while engine.running_jobs() == 0 {
            tokio::task::yield_now().await;
        }
        let outcome = execute(&engine, "echo never", within(Duration::from_millis(100))).await;
        cancel.cancel();
        outcome
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((second.state, answer(&second, "stdout")), (JobState::TimedOut, "".into()));
    assert_eq!((first.state, first.reason.as_str()), (JobState::Cancelled, "cancel_requested"));
    assert_eq!(first.failure.as_ref().unwrap().code, ErrorCode::Cancelled);
    assert_eq!(answer(&first, "end"), "cancelled");
}

#[tokio::test]
async fn output_is_passed_on_as_it_comes() {
    #[derive(Default)]
    struct Seen {
        stdout: Mutex<Vec<u8>>,
        stderr: Mutex<Vec<u8>>,
        both: CancellationToken,
    }
    impl Seen {
        fn add(&self, stream: &Mutex<Vec<u8>>, chunk: &[u8]) {
            stream.lock().unwrap().extend_from_slice(chunk);
            let begun = self.stdout.lock().unwrap().starts_with(b"begun\n");
            if begun && self.stderr.lock().unwrap().starts_with(b"problem\n") {
                self.both.cancel();
            }
        }
    }
    impl Progress for Seen {
        fn stdout(&self, chunk: &[u8]) {
            self.add(&self.stdout, chunk);
        }
        fn stderr(&self, chunk: &[u8]) {
            self.add(&self.stderr, chunk);
        }
    }
    let (engine, seen) = (engine().await, Arc::new(Seen::default()));
    // The script ends because its output was seen while it ran; else it would time out.
    let context =
        RunContext { progress: Some(seen.clone()), cancel: seen.both.clone(), ..within(Duration::from_secs(20)) };
    let outcome = execute(&engine, "echo problem >&2; echo begun; while :; do :; done", context).await;
    assert_eq!(outcome.state, JobState::Cancelled, "{outcome:?}");
    assert_eq!(answer(&outcome, "stdout"), "begun\n");
}

#[tokio::test]
async fn waiting_for_a_job_ends_with_the_caller() {
    let engine = engine().await;
    let accepted = run(&engine, "workspaces.execute", json!({"id": "w", "command": ENDLESS, "background": true})).await;
    let wait = request("jobs.wait", json!({"job_id": answer(&accepted, "job_id")}));
    let late = engine.run(wait.clone(), within(Duration::from_millis(50))).await;
    assert_eq!(late.state, JobState::TimedOut);
    let cancelled = RunContext::default();
    cancelled.cancel.cancel();
    assert_eq!(engine.run(wait, cancelled).await.state, JobState::Cancelled);
    engine.shutdown(Duration::ZERO).await;
    assert_eq!(engine.running_jobs(), 0);
}

#[tokio::test]
async fn operations_that_are_none_and_those_of_the_door_are_not_supported() {
    let engine = engine().await;
    for operation in ["workspaces.fly", "shutdown", ""] {
        let outcome = run(&engine, operation, json!({})).await;
        let failure = outcome.failure.unwrap();
        assert_eq!((outcome.state, failure.code), (JobState::Failed, ErrorCode::UnsupportedOperation), "{failure}");
    }
}
