//! A gateway outside the box, in its network.

use crate::machine::{Machine, Ran, run};
use crate::support::{Process, TestEnv};
use crate::until;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// `waypost gateway serve`, reached from the box at its own loopback address.
pub struct Gateway {
    pub url: String,
    pub enroll: String,
    call: String,
    network: String,
    env: TestEnv,
    process: Process,
}

impl Gateway {
    pub fn start(machine: &Machine) -> Self {
        let env = TestEnv::new();
        let key = |scope: &str| {
            let (code, out, err) = env.run("gw", &["gateway", "key", "create", "--scope", scope, "--json"]);
            assert_eq!(code, 0, "{err}");
            serde_json::from_str::<Value>(&out).unwrap()["key"].as_str().unwrap().to_owned()
        };
        let (enroll, call) = (key("enroll"), key("call,admin"));
        let network = machine.network();
        let mut command = within(&network, &env);
        command.args(["gateway", "serve", "--listen", "127.0.0.1:0", "--json"]);
        let mut process = Process::spawn(command);
        let line = process.wait_line("\"listening\"", Duration::from_secs(30));
        let url = serde_json::from_str::<Value>(&line).unwrap()["listening"].as_str().unwrap().to_owned();
        Self { url, enroll, call, network, env, process }
    }

    /// A command of the program against this gateway.
    pub fn waypost(&self, args: &[&str]) -> Ran {
        let mut command = within(&self.network, &self.env);
        command.args(args).env("WAYPOST_URL", &self.url).env("WAYPOST_TOKEN", &self.call);
        run(command, b"")
    }

    /// A program outside the box, in its network.
    pub fn beside(&self, words: &[&str]) -> Process {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.network)).arg("--").args(words);
        Process::spawn(command)
    }

    /// Names of the nodes it knows.
    pub fn nodes(&self) -> Vec<String> {
        let listed = self.waypost(&["gateway", "node", "list", "--json"]).worked().json();
        let nodes = listed.as_array().or_else(|| listed["items"].as_array()).unwrap_or_else(|| panic!("{listed}"));
        nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until it sees the node so, and gives what it knows of it.
    pub fn wait_node(&self, name: &str, state: &str) -> Value {
        until(&format!("{name} is {state} at the gateway"), || {
            let ran = self.waypost(&["gateway", "node", "show", name, "--json"]);
            let node: Value = serde_json::from_str(&ran.out).map_err(|_| ran.err.clone())?;
            if node["state"] == state { Ok(node) } else { Err(node.to_string()) }
        })
    }

    /// Submits a script for the node and gives the job's id.
    pub fn submit(&self, node: &str, script: &str) -> String {
        let config = json!({ "mounts": { "/data": { "type": "ram" } }, "mode": "write" });
        let made = format!("config:={config}");
        let _ = self.waypost(&["job", "submit", "workspaces.create", "id=demo", &made, "--node", node, "--wait"]);
        let command = format!("command={script}");
        let job = self.waypost(&["job", "submit", "workspaces.execute", "id=demo", &command, "--node", node, "--json"]);
        job.worked().json()["id"].as_str().unwrap().to_owned()
    }

    /// Waits until the job's state is one of these.
    pub fn wait_job(&self, id: &str, states: &[&str]) -> Value {
        until(&format!("{id} is one of {states:?}"), || {
            let ran = self.waypost(&["job", "get", id, "--json"]);
            let job: Value = serde_json::from_str(&ran.out).map_err(|_| ran.err.clone())?;
            if states.iter().any(|state| job["state"] == **state) { Ok(job) } else { Err(job.to_string()) }
        })
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }
}

fn within(network: &str, env: &TestEnv) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--net={network}")).arg("--").arg(env!("CARGO_BIN_EXE_waypost"));
    command.env_clear().env("HOME", env.root()).env("PATH", "/usr/bin:/bin").env("WAYPOST_HOME", env.path("gw"));
    command.current_dir(env.root()).stdin(std::process::Stdio::null());
    command
}
