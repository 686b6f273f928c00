//! A gateway and nodes as a user starts them.

use super::{Process, TestEnv, http, wait_until};
use serde_json::Value;
use std::time::Duration;

const START: Duration = Duration::from_secs(20);

/// `waypost gateway serve`, with its keys.
pub struct Gateway {
    pub process: Process,
    pub url: String,
    pub enroll: String,
    pub call: String,
}

impl Gateway {
    pub fn start(env: &TestEnv) -> Self {
        let key = |scope: &str| {
            let (code, out, err) = env.run("gw", &["gateway", "key", "create", "--scope", scope, "--json"]);
            assert_eq!(code, 0, "{err}");
            serde_json::from_str::<Value>(&out).expect("JSON")["key"].as_str().expect("a key").to_owned()
        };
        let (enroll, call) = (key("enroll"), key("call"));
        let (process, url) = Self::serve(env, "127.0.0.1:0");
        Self { process, url, enroll, call }
    }

    fn serve(env: &TestEnv, listen: &str) -> (Process, String) {
        let mut command = env.waypost("gw");
        command.args(["gateway", "serve", "--listen", listen, "--json"]);
        let mut process = Process::spawn(command);
        let line = process.wait_line("\"listening\"", START);
        let url = serde_json::from_str::<Value>(&line).expect("JSON")["listening"].as_str().expect("a URL").to_owned();
        (process, url)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again at the same address.
    pub fn restart(&mut self, env: &TestEnv) {
        let listen = self.url.trim_start_matches("http://").to_owned();
        self.process = Self::serve(env, &listen).0;
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call_json(http().get(format!("{}{path}", self.url))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.call_json(http().post(format!("{}{path}", self.url)).json(body)).await
    }

    async fn call_json(&self, request: reqwest::RequestBuilder) -> Value {
        let response = request.bearer_auth(&self.call).send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Submits a job and gives its id.
    pub async fn submit(&self, job: &Value) -> String {
        self.post("/v1/jobs", job).await["id"].as_str().expect("an id").to_owned()
    }

    /// Waits for a job's end.
    pub async fn end_of(&self, id: &str, limit: Duration) -> Value {
        wait_until(&format!("{id} ends"), limit, async || {
            let job = self.get(&format!("/v1/jobs/{id}")).await;
            match job["state"].as_str() {
                Some("queued" | "leased" | "running") | None => Err(job.to_string()),
                Some(_) => Ok(job),
            }
        })
        .await
    }

    /// Submits an operation for a node and waits for its answer.
    pub async fn operation(&self, node: &str, operation: &str, params: Value) -> Value {
        let id = self.submit(&serde_json::json!({ "node": node, "operation": operation, "params": params })).await;
        let job = self.end_of(&id, Duration::from_secs(60)).await;
        assert_eq!(job["state"], "succeeded", "{job:#}");
        job["result"].clone()
    }
}

/// `waypost node run`, set up before.
pub struct Node {
    pub process: Process,
    pub home: String,
    pub name: String,
    pub api_url: String,
}

impl Node {
    pub fn start(env: &TestEnv, gateway: &Gateway, name: &str) -> Self {
        let args = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", name];
        let (code, _, err) = env.run(name, &args);
        assert_eq!(code, 0, "{err}");
        let (process, api_url) = Self::run(env, name);
        Self { process, home: name.to_owned(), name: name.to_owned(), api_url }
    }

    pub fn run(env: &TestEnv, home: &str) -> (Process, String) {
        let mut command = env.waypost(home);
        command.args(["node", "run", "--listen", "127.0.0.1:0", "--json"]);
        let mut process = Process::spawn(command);
        let line = process.wait_line("\"ready\"", START);
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let url = ready["api_url"].as_str().expect("a URL").to_owned();
        (process, url)
    }

    /// SIGKILL and start again.
    pub fn kill_and_restart(&mut self, env: &TestEnv) {
        self.process.kill();
        (self.process, self.api_url) = Self::run(env, &self.home);
    }

    pub fn api_token(&self, env: &TestEnv) -> String {
        std::fs::read_to_string(env.path(&self.home).join("api.token")).expect("a token").trim().to_owned()
    }

    /// Waits until the gateway sees it online.
    pub async fn online(&self, gateway: &Gateway) {
        wait_until(&format!("{} is online", self.name), START, async || {
            let node = gateway.get(&format!("/v1/nodes/{}", self.name)).await;
            if node["state"] == "online" { Ok(()) } else { Err(node.to_string()) }
        })
        .await;
    }
}
