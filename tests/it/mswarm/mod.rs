//! A node and consumers of mswarm against the real gateway: the bodies are those of the specification, byte-shaped as the
//! existing node sends them, in `fixtures/mswarm/`.

mod chat;
mod heartbeat;
mod joining;
mod lifecycle;
mod node;
mod refused;

use crate::support::{Gateway, TestEnv, http};
use node::Node;
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway with a key of every scope.
struct World {
    env: TestEnv,
    gateway: Gateway,
    admin: String,
}

impl World {
    fn start() -> Self {
        let env = TestEnv::new();
        let gateway = Gateway::start(&env);
        let admin =
            cli(&env, &["gateway", "key", "create", "--scope", "admin", "--json"])["key"].as_str().unwrap().to_owned();
        Self { env, gateway, admin }
    }

    /// What `waypost …` prints as JSON.
    fn cli(&self, args: &[&str]) -> Value {
        cli(&self.env, args)
    }

    /// A node that has joined with a key and sent its first heartbeat.
    async fn node(&self) -> Node {
        let node = Node::bootstrap(&self.gateway.url, &self.gateway.enroll).await;
        assert_eq!(node.heartbeat().await.0, 200);
        node
    }

    /// A call of a consumer with the key of scope `call`.
    async fn get(&self, path: &str) -> (u16, Value) {
        answer(http().get(self.url(path)).header("x-api-key", &self.gateway.call)).await
    }

    /// The same with a body.
    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(http().post(self.url(path)).bearer_auth(&self.gateway.call).json(body)).await
    }

    /// An operator's call.
    async fn manage(&self, path: &str) -> (u16, Value) {
        answer(http().post(format!("{}{path}", self.gateway.url)).bearer_auth(&self.admin)).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/swarm/self-hosted{path}", self.gateway.url)
    }
}

fn cli(env: &TestEnv, args: &[&str]) -> Value {
    let (code, out, err) = env.run("gw", args);
    assert_eq!(code, 0, "{args:?}: {err}");
    serde_json::from_str(&out).unwrap_or_else(|wrong| panic!("{args:?}: {wrong}: {out}"))
}

/// Status and JSON. An answer without JSON is a failure to every node and consumer.
async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{status} {wrong}: {text:?}")))
}
