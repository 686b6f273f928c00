//! The real daemon, whose owner allows the S3 server, and its own `/v1`.

use crate::support::{Gateway, Process, TestEnv, http};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// `waypost node run --allow-remote 127.0.0.1`, and the gateway it had to join.
pub struct MountingNode {
    pub env: TestEnv,
    pub process: Process,
    url: String,
    _gateway: Gateway,
}

/// What a script came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub code: i64,
    pub stdout: String,
    pub stderr: String,
}

impl MountingNode {
    pub fn start() -> Self {
        Self::with(&["--allow-remote", "127.0.0.1"])
    }

    pub fn with(allow: &[&str]) -> Self {
        let env = TestEnv::new();
        let gateway = Gateway::start(&env);
        let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", "node"];
        let (code, _, err) = env.run("node", &args);
        assert_eq!(code, 0, "{err}");
        let (process, url) = run(&env, allow);
        Self { env, process, url, _gateway: gateway }
    }

    /// SIGKILL and start again.
    pub fn restart(&mut self, allow: &[&str]) {
        self.process.kill();
        (self.process, self.url) = run(&self.env, allow);
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn token(&self) -> String {
        std::fs::read_to_string(self.env.path("node").join("api.token")).unwrap().trim().to_owned()
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Vec<u8>) {
        let mut request = http().request(method, format!("{}{path}", self.url)).bearer_auth(self.token());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.timeout(Duration::from_secs(300)).send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        (status, serde_json::from_slice(&answer).unwrap_or_default())
    }

    /// A workspace with this mount at `/s3`.
    pub async fn workspace(&self, id: &str, block: &Value) {
        let config = json!({"mounts": {"/s3": block, "/ram": {"resource": "ram"}}});
        let (status, answer) = self.post("/v1/workspaces", &json!({"id": id, "config": config})).await;
        assert_eq!(status, 201, "{answer}");
    }

    pub async fn sh(&self, workspace: &str, command: &str) -> Ran {
        let path = format!("/v1/workspaces/{workspace}/execute");
        let (status, answer) = self.post(&path, &json!({ "command": command })).await;
        assert_eq!(status, 200, "{answer}");
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        Ran { code: answer["exit_code"].as_i64().unwrap(), stdout: text("stdout"), stderr: text("stderr") }
    }

    /// The output of a script that must succeed.
    pub async fn out(&self, workspace: &str, command: &str) -> String {
        let ran = self.sh(workspace, command).await;
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}: {ran:?}");
        ran.stdout
    }
}

fn run(env: &TestEnv, allow: &[&str]) -> (Process, String) {
    let mut command = env.waypost("node");
    command.args(["node", "run", "--listen", "127.0.0.1:0", "--json", "--log", "debug"]).args(allow);
    // What a mount may not use: this account's own credentials.
    command.env("AWS_ACCESS_KEY_ID", "of-the-owner").env("AWS_SECRET_ACCESS_KEY", "secret-of-the-owner");
    let mut process = Process::spawn(command);
    let line = process.wait_line("\"ready\"", Duration::from_secs(20));
    let ready: Value = serde_json::from_str(&line).unwrap();
    (process, ready["api_url"].as_str().unwrap().to_owned())
}
