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
    /// Whether that counts before there ever was one. A daemon that somebody started on purpose waits for its first.
    pub from_start: bool,
}

/// Waits until there has been no workspace for the grace, and closes the engine in the same moment: a workspace that was
/// created just then is either refused or keeps the daemon.
///
/// `count` is [`Engine::workspace_count`], taken before anything could be created.
pub(super) async fn until_idle(engine: &Engine, mut count: watch::Receiver<usize>, rule: IdleRule) {
    let mut counts = rule.from_start;
    loop {
        if counts && *count.borrow_and_update() == 0 {
            tokio::select! {
                () = tokio::time::sleep(rule.grace) => {}
                changed = count.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            }
            if engine.close_if_unused() {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        } else {
            if count.changed().await.is_err() {
                return;
            }
            counts = true;
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
        let rule = IdleRule { grace: Duration::ZERO, from_start: false };
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
        until_idle(&engine, engine.workspace_count(), IdleRule { grace: Duration::from_millis(1), from_start: true })
            .await;
    }
}
