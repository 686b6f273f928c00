//! `waypost daemon …` as a user drives it: real processes in the background, a home of their own each.

mod auth;
mod guests;
mod life;
mod remote;
mod settings;
mod spawn;

use crate::support::{TestEnv, http, wait_until};
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// A home in which a daemon may run; none does when this is gone.
struct Home {
    env: TestEnv,
    variables: Vec<(&'static str, String)>,
}

/// What answered: the status and the body as JSON.
type Reply = (u16, Value);

impl Home {
    /// Commands that find no daemon of this home look at a port where nothing is.
    fn new() -> Self {
        Self::with(&[("WAYPOST_DAEMON_PORT", "1")])
    }

    fn with(variables: &[(&'static str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Self { env: TestEnv::new(), variables }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.env.waypost("home");
        command.args(args).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Exit code, stdout, stderr.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        let text = (args[0] == "daemon" && !args.contains(&"--json")).then_some("--text");
        let output = self.command(args).args(text).output().expect("the binary starts");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// A command that has to succeed with `--json`.
    fn json(&self, args: &[&str]) -> Value {
        let (code, out, err) = self.run(&[args, &["--json"]].concat());
        assert_eq!(code, 0, "{args:?}: {err}");
        serde_json::from_str(&out).expect("JSON")
    }

    /// Starts a daemon on a free port and gives its URL.
    fn start(&self, options: &[&str]) -> String {
        let started = self.json(&[&["daemon", "start", "--listen", "127.0.0.1:0"], options].concat());
        assert_eq!(started["started"], true, "{started}");
        started["url"].as_str().expect("a URL").to_owned()
    }

    fn token(&self) -> String {
        std::fs::read_to_string(self.env.path("home").join("api.token")).expect("a token").trim().to_owned()
    }

    fn pid(&self) -> u32 {
        let lock = std::fs::read_to_string(self.env.path("home").join("run/lock")).expect("a lock file");
        lock.trim().parse().expect("a process id")
    }

    /// Whether a process holds the home's lock.
    fn is_held(&self) -> bool {
        let file = std::fs::File::open(self.env.path("home").join("run/lock")).expect("a lock file");
        file.try_lock_shared().is_err()
    }

    async fn gone(&self) {
        wait_until("the daemon has ended", LIMIT, async || {
            if self.is_held() { Err("its lock is held".to_owned()) } else { Ok(()) }
        })
        .await;
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.command(&["daemon", "kill"]).output();
    }
}

async fn call(method: Method, url: &str, token: Option<&str>, body: Option<Value>) -> Reply {
    let mut request = http().request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

/// Makes a workspace, without a token.
async fn create(url: &str, id: &str) -> Reply {
    let body = json!({ "id": id, "config": { "mounts": { "/data": { "type": "ram" } }, "mode": "write" } });
    call(Method::POST, &format!("{url}/v1/workspaces"), None, Some(body)).await
}

async fn delete(url: &str, id: &str) -> Reply {
    call(Method::DELETE, &format!("{url}/v1/workspaces/{id}"), None, None).await
}
