//! The daemon under test and a client that tells a refusal from a broken connection.

use crate::support::{Process, TestEnv, http};
use reqwest::Method;
use serde_json::{Value, json};
use std::process::Command;
use std::time::{Duration, Instant};

const TOKEN: &str = "a-token-of-the-crash-test-0123456789";

/// `waypost daemon start --foreground --persist`.
pub struct Daemon {
    pub process: Process,
    /// How long it took until it served.
    pub took: Duration,
    url: String,
}

impl Daemon {
    pub fn start(env: &TestEnv) -> Self {
        let begun = Instant::now();
        let mut process = Process::spawn(command(env));
        let line = process.wait_line("\"url\"", Duration::from_secs(30));
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let url = ready["url"].as_str().expect("a URL").to_owned();
        Self { process, took: begun.elapsed(), url }
    }

    /// Kills it while it starts.
    pub fn start_and_kill(env: &TestEnv, after: Duration) {
        let mut process = Process::spawn(command(env));
        std::thread::sleep(after);
        process.kill();
    }

    pub fn client(&self) -> Client {
        Client { url: self.url.clone(), http: http() }
    }
}

fn command(env: &TestEnv) -> Command {
    let mut command = env.waypost("box");
    command.args(["daemon", "start", "--foreground", "--persist", "--listen", "127.0.0.1:0", "--json"]);
    command.arg("--allow-files").arg(env.path("archives"));
    command.env("WAYPOST_AUTH_MODE", "token").env("WAYPOST_AUTH_TOKEN", TOKEN);
    command
}

/// The connection broke before the whole answer came.
pub struct Gone;

#[derive(Clone)]
pub struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN)
    }

    /// The answer of a daemon that may be killed meanwhile. A refusal is a fault: nothing is asked for that is not there.
    pub async fn try_call(&self, method: Method, path: &str, body: Value) -> Result<Value, Gone> {
        let asked = format!("{method} {path} {body}");
        let bytes = answer(self.request(method, path).json(&body), &asked).await?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_else(|cut| panic!("{asked}: {cut}")))
    }

    /// The answer of a daemon that nobody kills.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let asked = format!("{method} {path}");
        self.try_call(method, path, body).await.unwrap_or_else(|_| panic!("{asked}: no answer"))
    }

    /// Runs a script that works.
    pub async fn try_sh(&self, workspace: &str, command: &str) -> Result<String, Gone> {
        let path = format!("/v1/workspaces/{workspace}/execute");
        let answer = self.try_call(Method::POST, &path, json!({ "command": command })).await?;
        assert_eq!(answer["exit_code"], 0, "{command}: {answer}");
        Ok(answer["stdout"].as_str().expect("text").to_owned())
    }

    /// [`Client::try_sh`] of a daemon that nobody kills.
    pub async fn sh(&self, workspace: &str, command: &str) -> String {
        self.try_sh(workspace, command).await.unwrap_or_else(|_| panic!("{command}: no answer"))
    }
}

/// The whole body of a success.
pub async fn answer(request: reqwest::RequestBuilder, asked: &str) -> Result<Vec<u8>, Gone> {
    let response = request.send().await.map_err(|_| Gone)?;
    let status = response.status();
    let bytes = response.bytes().await.map_err(|_| Gone)?;
    assert!(status.is_success(), "{asked}: {status}: {}", String::from_utf8_lossy(&bytes));
    Ok(bytes.to_vec())
}
