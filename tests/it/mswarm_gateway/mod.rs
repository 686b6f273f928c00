//! Our node at a gateway of the existing mswarm world: scripted, with every awkward behaviour of the specification.

mod faults;
mod join;
mod script;
mod theirs;

use crate::support::{Process, TestEnv, wait_until};
use script::Script;
use serde_json::Value;
use std::time::Duration;

/// Long enough for any of it on a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A node that has joined `script` by key.
fn joined(env: &TestEnv, script: &Script) {
    let args = ["node", "setup", "msw_owner", "--gateway", &script.url, "--max-concurrent-jobs", "2", "--json"];
    let (code, _, err) = env.run("box", &args);
    assert_eq!(code, 0, "{err}");
}

/// It runs.
fn run(env: &TestEnv) -> Process {
    let mut command = env.waypost("box");
    command.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    let mut process = Process::spawn(command);
    process.wait_line("\"ready\"", SOON);
    process
}

/// Waits until the node's own status is as wanted.
async fn status(env: &TestEnv, what: &str, wanted: impl Fn(&Value) -> bool) {
    let path = env.path("box/run/status.json");
    wait_until(what, SOON, async || {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let status: Value = serde_json::from_str(&text).unwrap_or_default();
        if wanted(&status) { Ok(()) } else { Err(text) }
    })
    .await;
}

/// Waits until the script has seen something.
async fn until(what: &str, holds: impl Fn() -> bool) {
    wait_until(what, SOON, async || if holds() { Ok(()) } else { Err("not yet".to_owned()) }).await;
}
