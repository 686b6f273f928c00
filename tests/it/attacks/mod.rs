//! Hostile input at the doors of a real `waypost daemon` and a real `waypost node run`: each is refused with a clear error,
//! the process stays small, and nothing is written.

mod archives;
mod bodies;
mod commands;
mod names;
mod sockets;

use crate::support::{Gateway, Node, Process, TestEnv, http};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Both servers that serve `/v1`, with what they keep.
struct Siege {
    env: TestEnv,
    doors: Vec<Door>,
    _gateway: Gateway,
    before: BTreeSet<String>,
}

/// One server.
struct Door {
    what: &'static str,
    process: Process,
    url: String,
    token: String,
}

impl Siege {
    /// A daemon that keeps its workspaces and a node, each with the workspace `w`.
    async fn begin() -> Self {
        let env = TestEnv::new();
        let gateway = Gateway::start(&env);
        let doors = vec![daemon(&env), node(&env, &gateway)];
        for door in &doors {
            let config = json!({ "mounts": { "/data": { "resource": "ram" } } });
            let (status, body) =
                door.call(door.post("/v1/workspaces").json(&json!({ "id": "w", "config": config }))).await;
            assert_eq!(status, 201, "{body}");
        }
        let before = files(env.root());
        Self { env, doors, _gateway: gateway, before }
    }

    /// Both still work, have only what they had, and printed nothing that a terminal obeys.
    async fn end(self) {
        for door in &self.doors {
            let echo = door.post("/v1/workspaces/w/execute").json(&json!({ "command": "echo alive; ls -A /data" }));
            let (status, body) = door.call(echo).await;
            assert_eq!((status, &body["stdout"]), (200, &json!("alive\n")), "{}: {body}", door.what);
            let (_, list) = door.call(door.request(Method::GET, "/v1/workspaces")).await;
            assert_eq!(list.as_array().map(Vec::len), Some(1), "{}: {list}", door.what);
            let printed = door.process.stderr() + &door.process.stdout();
            assert!(!printed.contains(|letter: char| letter.is_control() && letter != '\n'), "{printed:?}");
            assert!(!printed.contains("panicked"), "{printed}");
        }
        let written: Vec<_> = files(self.env.root()).difference(&self.before).cloned().collect();
        assert!(written.is_empty(), "written: {written:?}");
    }
}

impl Door {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        http().request(method, format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    async fn call(&self, request: RequestBuilder) -> (u16, Value) {
        let response = request.send().await.expect("an answer");
        let (status, text) = (response.status().as_u16(), response.text().await.expect("a body"));
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: not JSON: {text}")))
    }

    /// The refusal of a request: its status, and one line about what is wrong.
    async fn refusal(&self, name: &str, request: RequestBuilder) -> (u16, String) {
        let (status, body) = self.call(request).await;
        let detail = body["detail"].as_str().unwrap_or_default().to_owned();
        assert!((400..500).contains(&status) && !detail.is_empty(), "{name} at {}: {status}: {body}", self.what);
        assert!(detail.len() < 2000, "{name}: the refusal has {} bytes", detail.len());
        (status, detail)
    }

    /// Host and port.
    fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The most memory that the process ever had, MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.pid())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") >> 10
    }
}

fn daemon(env: &TestEnv) -> Door {
    let mut command = env.waypost("alone");
    command.args(["daemon", "start", "--foreground", "--persist", "--listen", "127.0.0.1:0", "--json"]);
    let mut process = Process::spawn(command);
    let line = process.wait_line("\"url\"", Duration::from_secs(20));
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let url = ready["url"].as_str().expect("a URL").to_owned();
    Door { what: "daemon", process, url, token: token(env, "alone") }
}

fn node(env: &TestEnv, gateway: &Gateway) -> Door {
    let Node { process, api_url, .. } = Node::start(env, gateway, "box");
    Door { what: "node", process, url: api_url, token: token(env, "box") }
}

fn token(env: &TestEnv, home: &str) -> String {
    std::fs::read_to_string(env.path(home).join("api.token")).expect("a token").trim().to_owned()
}

/// Files of both homes and beside them, but for those that a server writes by itself.
fn files(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![root.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let own =
                [".db", ".db-wal", ".db-shm", ".log"].iter().any(|end| name.ends_with(end)) || name.starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => todo.push(path),
                _ if own || path.parent().is_some_and(|dir| dir.ends_with("run") || dir.ends_with("logs")) => {}
                _ => drop(found.insert(path.to_string_lossy().into_owned())),
            }
        }
    }
    found
}
