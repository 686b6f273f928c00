//! When a daemon that keeps nothing has nothing left to do.

use crate::jobs::Engine;
use std::time::Duration;
use tokio::sync::watch;

/// How soon to look again when something runs at the moment that the grace ends.
const AGAIN: Duration = Duration::from_millis(200);

/// What decides that a daemon is idle.
#[derive(Debug, Clone, Copy)]
pub struct IdleRule {
    /// How long there must have been no workspace.
    pub grace: Duration,
    /// How long to wait for the first one. None waits for ever: somebody started the daemon on purpose.
    pub first: Option<Duration>,
}

/// Waits until there has been no workspace for the grace, and closes the engine in the same moment: a workspace that was
/// created just then is either refused or keeps the daemon.
///
/// `count` is [`Engine::workspace_count`], taken before anything could be created.
pub(super) async fn until_idle(engine: &Engine, mut count: watch::Receiver<usize>, rule: IdleRule) {
    let mut patience = rule.first;
    loop {
        let enough = async {
            match patience.filter(|_| *count.borrow() == 0) {
                Some(patience) => tokio::time::sleep(patience).await,
                None => std::future::pending().await,
            }
        };
        let mut changes = count.clone();
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                count.borrow_and_update();
                patience = Some(rule.grace);
            }
            () = enough => {
                if engine.close_if_unused() {
                    return;
                }
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{EngineOptions, RunContext};
    use crate::wire::v1::{ErrorCode, OperationRequest};
    use crate::workspace::{Options, Workspaces};
    use serde_json::{Value, json};

    async fn engine() -> Engine {
        let workspaces = Workspaces::open(None, Options::default()).await.unwrap();
        Engine::open(EngineOptions::new(workspaces)).await.unwrap()
    }

    async fn run(engine: &Engine, operation: &str, params: Value) -> Option<ErrorCode> {
        let Value::Object(params) = params else { panic!("not an object") };
        let request = OperationRequest { operation: operation.to_owned(), params, ..OperationRequest::default() };
        engine.run(request, RunContext::default()).await.failure.map(|failure| failure.code)
    }

    #[tokio::test]
    async fn the_last_workspace_starts_the_timer_and_the_first_one_only_where_it_should() {
        let engine = engine().await;
        let rule = IdleRule { grace: Duration::ZERO, first: None };
        let waiting = tokio::spawn({
            let (engine, count) = (engine.clone(), engine.workspace_count());
            async move { until_idle(&engine, count, rule).await }
        });
        let config = json!({"mounts": {}});
        assert_eq!(run(&engine, "workspaces.create", json!({"id": "a", "config": config})).await, None);
        assert_eq!(run(&engine, "workspaces.create", json!({"id": "b", "config": config})).await, None);
        assert_eq!(run(&engine, "workspaces.delete", json!({"id": "a"})).await, None);
        assert!(!engine.close_if_unused() && !waiting.is_finished());
        assert_eq!(run(&engine, "workspaces.delete", json!({"id": "b"})).await, None);
        waiting.await.unwrap();
        let late = run(&engine, "workspaces.create", json!({"id": "c", "config": config})).await;
        assert_eq!(late, Some(ErrorCode::Draining));
    }

    #[tokio::test]
    async fn a_daemon_that_was_started_for_a_command_does_not_wait_for_a_first_workspace() {
        let engine = engine().await;
        until_idle(
            &engine,
            engine.workspace_count(),
            IdleRule { grace: Duration::ZERO, first: Some(Duration::from_millis(1)) },
        )
        .await;
    }
}
