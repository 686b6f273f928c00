//! What a workspace does, through its public surface only.

mod bounds;
mod files;
mod keeping;
mod sessions;

use super::{ExecuteOutcome, ExecuteRequest, Options, Store, Workspace, WorkspaceConfig, Workspaces};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

async fn open(options: Options, store: Option<Arc<dyn Store>>) -> Workspaces {
    Workspaces::open(store, options).await.unwrap()
}

async fn workspace(mounts: Value) -> (Workspaces, Arc<Workspace>) {
    let workspaces = open(Options::default(), None).await;
    let config = WorkspaceConfig::from_json(&json!({ "mounts": mounts })).unwrap();
    let workspace = workspaces.create(None, config).await.unwrap();
    (workspaces, workspace)
}

fn request(command: &str) -> ExecuteRequest {
    ExecuteRequest { command: command.to_owned(), ..ExecuteRequest::default() }
}

async fn execute(workspace: &Workspace, request: ExecuteRequest) -> ExecuteOutcome {
    workspace.execute(request, None, CancellationToken::new()).await.unwrap()
}

/// Exit code, stdout and stderr of a command in the default session.
async fn run(workspace: &Workspace, command: &str) -> (i32, String, String) {
    let outcome = execute(workspace, request(command)).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (outcome.exit_code, text(&outcome.stdout), text(&outcome.stderr))
}

/// Stdout of a command that must succeed.
async fn out(workspace: &Workspace, command: &str) -> String {
    let (code, stdout, stderr) = run(workspace, command).await;
    assert_eq!(code, 0, "{command}: {stderr}");
    stdout
}
