//! A gateway at one end of a link and a node at the other, as their owners start them.

use super::link::{GATEWAY, Link};
use super::support::{Gateway, Node, Process, TestEnv};
use super::transfers::Caller;
use serde_json::Value;
use std::process::Command;
use std::time::Duration;

/// The node's name.
pub const NAME: &str = "box";
/// How many jobs it takes at a time.
const SLOTS: usize = 16;

const START: Duration = Duration::from_secs(60);

pub struct Rig {
    /// What the test's logs are called by.
    name: &'static str,
    // The processes end before the link goes.
    pub gateway: Gateway,
    pub node: Node,
    pub link: Link,
    pub env: TestEnv,
}

impl Rig {
    /// Both, joined, on a link without faults. `options` are the node's.
    pub fn start(name: &'static str, options: &[&str]) -> Self {
        let (env, link) = (TestEnv::new(), Link::new());
        let gateway = link.gateway.within(|| gateway(&env));
        let node = link.node.within(|| node(&env, &gateway, options));
        let rig = Self { name, gateway, node, link, env };
        rig.at_gateway(async |rig| rig.node.online(&rig.gateway).await);
        rig
    }

    /// The base URL of the relayed door.
    pub fn door(&self) -> String {
        format!("{}/nodes/{NAME}", self.gateway.url)
    }

    /// A caller at the relayed door, with the call key.
    pub fn beside_gateway(&self) -> Caller {
        Caller { door: self.door(), token: self.gateway.call.clone() }
    }

    /// A caller at the node's own door.
    pub fn beside_node(&self) -> Caller {
        Caller { door: self.node.api_url.clone(), token: self.node.api_token(&self.env) }
    }

    /// Does something as a caller beside the gateway.
    pub fn at_gateway<T: Send>(&self, what: impl AsyncFnOnce(&Self) -> T + Send) -> T {
        self.link.gateway.block_on(async || what(self).await)
    }

    /// Does something as a caller on the node's machine.
    pub fn at_node<T: Send>(&self, what: impl AsyncFnOnce(&Self) -> T + Send) -> T {
        self.link.node.block_on(async || what(self).await)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (who, process) in [("gateway", &self.gateway.process), ("node", &self.node.process)] {
                let log = format!("{}/link-{}-{who}.txt", env!("CARGO_TARGET_TMPDIR"), self.name);
                eprintln!("what the {who} said is in {log}");
                let _ = std::fs::write(log, process.stderr());
            }
        }
    }
}

/// The link is its network, so it listens beyond its own machine.
fn gateway(env: &TestEnv) -> Gateway {
    let key = |scope: &str| {
        let (code, out, err) = env.run("gw", &["gateway", "key", "create", "--scope", scope, "--json"]);
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).expect("JSON")["key"].as_str().expect("a key").to_owned()
    };
    let (enroll, call) = (key("enroll"), key("call"));
    let mut command = env.waypost("gw");
    let listen = format!("{GATEWAY}:0");
    command.args(["gateway", "serve", "--listen", &listen, "--behind-proxy", "--json"]);
    let (process, said) = started(command, "\"listening\"");
    Gateway { process, url: said["listening"].as_str().expect("a URL").to_owned(), enroll, call }
}

fn node(env: &TestEnv, gateway: &Gateway, options: &[&str]) -> Node {
    let setup = ["node", "setup", &gateway.enroll, "--gateway", &gateway.url, "--name", NAME];
    let (code, _, err) = env.run(NAME, &setup);
    assert_eq!(code, 0, "{err}");
    let mut command = env.waypost(NAME);
    let slots = SLOTS.to_string();
    command.args(["node", "run", "--listen", "127.0.0.1:0", "--max-concurrent-jobs", &slots, "--json"]).args(options);
    let (process, said) = started(command, "\"ready\"");
    let api_url = said["api_url"].as_str().expect("a URL").to_owned();
    Node { process, home: NAME.to_owned(), name: NAME.to_owned(), api_url }
}

/// Starts a server and gives what it says once it serves.
fn started(mut command: Command, word: &str) -> (Process, Value) {
    command.env("WAYPOST_LOG", std::env::var("WAYPOST_LINK_LOG").unwrap_or_else(|_| "info".to_owned()));
    let mut process = Process::spawn(command);
    let line = process.wait_line(word, START);
    (process, serde_json::from_str(&line).expect("JSON"))
}
