//! kill -9 of the daemon at random moments under a mixed load: what was acknowledged is there after each restart, byte for
//! byte, and nothing half done is visible; `git fsck` finds nothing.
//!
//! Needs git. `CRASHES` says how often (200), `SEED` repeats a run.

#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this target uses a part of it")]
mod support;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Process, TestEnv, http};
use tokio_util::sync::CancellationToken;

/// Writers at the same time, each in a workspace of its own.
const WRITERS: usize = 4;

/// What one writer was told is done.
#[derive(Default, Clone)]
struct Acknowledged {
    /// The last line of both of its files.
    line: u64,
    /// Version id and the line that it holds.
    versions: Vec<(String, u64)>,
    /// Clones that exist, with the line that they hold.
    clones: BTreeMap<String, u64>,
    /// Clones that were deleted.
    deleted: Vec<String>,
    sessions: Vec<String>,
    jobs: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (crashes, seed) = (number("CRASHES", 200), number("SEED", rand::random::<u32>().into()));
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let env = TestEnv::new();
    let told: Vec<_> = (0..WRITERS).map(|_| Arc::new(Mutex::new(Acknowledged::default()))).collect();
    let mut daemon = Daemon::start(&env);
    for writer in 0..WRITERS {
        let config = json!({ "mounts": { "/data": { "resource": "ram" } } });
        daemon
            .client()
            .call(Method::POST, "/v1/workspaces", json!({ "id": format!("w{writer}"), "config": config }))
            .await
            .expect("created");
    }
    for crash in 0..crashes {
        let stop = CancellationToken::new();
        let writers: Vec<_> = told
            .iter()
            .enumerate()
            .map(|(writer, told)| {
                tokio::spawn(write(daemon.client(), writer, told.clone(), random.random(), stop.clone()))
            })
            .collect();
        let snapshots = tokio::spawn(snapshot(daemon.client(), stop.clone()));
        tokio::time::sleep(Duration::from_millis(random.random_range(10..250))).await;
        daemon.process.kill();
        stop.cancel();
        for writer in writers {
            writer.await.expect("a writer");
        }
        snapshots.await.expect("the reader of snapshots");
        daemon = Daemon::start(&env);
        for (writer, told) in told.iter().enumerate() {
            let now = told.lock().unwrap().clone();
            let line = check(&daemon.client(), writer, &now, crash).await;
            // What was not acknowledged may be there, and is what the writer goes on from.
            told.lock().unwrap().line = line;
        }
        fsck(&env.path("box").join("repos"), crash);
    }
    let all: Vec<Acknowledged> = told.iter().map(|told| told.lock().unwrap().clone()).collect();
    let sum = |of: fn(&Acknowledged) -> usize| all.iter().map(of).sum::<usize>();
    println!(
        "{crashes} kills; acknowledged: {} lines, {} versions, {} clones, {} sessions, {} jobs",
        all.iter().map(|told| told.line).sum::<u64>(),
        sum(|told| told.versions.len()),
        sum(|told| told.clones.len() + told.deleted.len()),
        sum(|told| told.sessions.len()),
        sum(|told| told.jobs.len()),
    );
    assert!(all.iter().all(|told| told.line > 0 && !told.versions.is_empty()), "a writer got nothing done");
}

struct Daemon {
    process: Process,
    url: String,
}

impl Daemon {
    fn start(env: &TestEnv) -> Self {
        let mut command = env.waypost("box");
        command.args(["daemon", "start", "--foreground", "--persist", "--listen", "127.0.0.1:0", "--json"]);
        command.env("WAYPOST_AUTH_MODE", "token").env("WAYPOST_AUTH_TOKEN", TOKEN);
        let mut process = Process::spawn(command);
        let line = process.wait_line("\"url\"", Duration::from_secs(30));
        let ready: Value = serde_json::from_str(&line).expect("JSON");
        let url = ready["url"].as_str().expect("a URL").to_owned();
        Self { process, url }
    }

    fn client(&self) -> Client {
        Client { url: self.url.clone(), http: http() }
    }
}

const TOKEN: &str = "a-token-of-the-crash-test-0123456789";

#[derive(Clone)]
struct Client {
    url: String,
    http: reqwest::Client,
}

impl Client {
    /// The answer of a success, or what went wrong: the daemon is killed under it.
    async fn call(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(TOKEN).json(&body);
        let response = request.send().await.map_err(|gone| gone.to_string())?;
        let status = response.status();
        let text = response.text().await.map_err(|gone| gone.to_string())?;
        if !status.is_success() {
            return Err(format!("{status}: {text}"));
        }
        serde_json::from_str(&text).map_err(|cut| cut.to_string())
    }

    async fn sh(&self, workspace: &str, command: &str) -> Result<String, String> {
        let path = format!("/v1/workspaces/{workspace}/execute");
        let answer = self.call(Method::POST, &path, json!({ "command": command })).await?;
        assert_eq!(answer["exit_code"], 0, "{command}: {answer}");
        Ok(answer["stdout"].as_str().expect("text").to_owned())
    }
}

/// Works until the daemon is gone, noting what it is told.
async fn write(client: Client, writer: usize, told: Arc<Mutex<Acknowledged>>, seed: u64, stop: CancellationToken) {
    let mut random = StdRng::seed_from_u64(seed);
    while !stop.is_cancelled() {
        if step(&client, writer, &told, &mut random).await.is_err() {
            // Only the kill ends a connection; a refusal would not go away by itself and is found by the check.
            return;
        }
    }
}

async fn step(client: &Client, writer: usize, told: &Mutex<Acknowledged>, random: &mut StdRng) -> Result<(), String> {
    let workspace = format!("w{writer}");
    let (line, next) = {
        let told = told.lock().unwrap();
        (told.line, told.line + 1)
    };
    match random.random_range(0..100) {
        0..60 => {
            // Two files and a big one: all of a script or nothing of it.
            let script = format!(
                "echo 'line {next} of {writer}' >> /data/a; echo 'line {next} of {writer}' >> /data/b; \
                 head -c {} /dev/zero | tr '\\0' '{}' > /data/big; mkdir -p /data/d{}; echo {next} > /data/d{}/last",
                random.random_range(1..200_000),
                next % 10,
                next % 7,
                next % 7
            );
            client.sh(&workspace, &script).await?;
            told.lock().unwrap().line = next;
        }
        60..75 => {
            let path = format!("/v1/workspaces/{workspace}/commit");
            let answer = client.call(Method::POST, &path, json!({ "message": format!("line {line}") })).await?;
            let version = answer["version"].as_str().expect("a version").to_owned();
            told.lock().unwrap().versions.push((version, line));
        }
        75..85 => {
            let id = format!("c{writer}-{line}-{}", random.random_range(0..1_000_000));
            client.call(Method::POST, &format!("/v1/workspaces/{workspace}/clone"), json!({ "id": id })).await?;
            told.lock().unwrap().clones.insert(id, line);
        }
        85..91 => {
            let oldest = told.lock().unwrap().clones.keys().next().cloned();
            if let Some(id) = oldest {
                // From here on it may be gone, told or not.
                told.lock().unwrap().clones.remove(&id);
                client.call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await?;
                told.lock().unwrap().deleted.push(id);
            }
        }
        91..95 => {
            let answer = client.call(Method::POST, &format!("/v1/workspaces/{workspace}/sessions"), json!({})).await?;
            told.lock().unwrap().sessions.push(answer["session_id"].as_str().expect("an id").to_owned());
        }
        _ => {
            let path = format!("/v1/workspaces/{workspace}/execute?background=true");
            let answer = client.call(Method::POST, &path, json!({ "command": "echo in the background" })).await?;
            told.lock().unwrap().jobs.push(answer["job_id"].as_str().expect("an id").to_owned());
        }
    }
    Ok(())
}

/// Reads whole snapshots meanwhile; what it is not told the end of does not count.
async fn snapshot(client: Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let request = client.http.get(format!("{}/v1/workspaces/w0/snapshot", client.url)).bearer_auth(TOKEN);
        let Ok(response) = request.send().await else { return };
        let Ok(bytes) = response.bytes().await else { return };
        let mut archive = tar::Archive::new(&bytes[..]);
        for entry in archive.entries().expect("a tar") {
            entry.expect("a whole snapshot");
        }
    }
}

/// Looks at everything that a writer was told, and gives its last line.
async fn check(client: &Client, writer: usize, told: &Acknowledged, crash: u64) -> u64 {
    let at = format!("after kill {crash}, writer {writer}");
    let workspace = format!("w{writer}");
    let files = client.sh(&workspace, "cat /data/a; echo ---; cat /data/b; echo ---; tr -d 0-9 < /data/big | wc -c");
    let files = if told.line == 0 { files.await.unwrap_or_default() } else { files.await.expect(&at) };
    let parts: Vec<&str> = files.split("---\n").collect();
    let line = if parts[0].is_empty() { 0 } else { whole_lines(parts[0], writer, &at) };
    if line > 0 {
        assert_eq!(parts[0], parts[1], "{at}: half a script is visible");
        assert_eq!(parts[2].trim(), "0", "{at}: a file holds what nobody wrote");
    }
    assert!(line >= told.line, "{at}: {} lines were acknowledged, {line} are there", told.line);
    assert!(line <= told.line + 1, "{at}: more lines than were ever asked for");

    let log = client.call(Method::GET, &format!("/v1/workspaces/{workspace}/versions"), json!({})).await.expect(&at);
    let known: Vec<&str> = log.as_array().expect("a list").iter().filter_map(|entry| entry["id"].as_str()).collect();
    for (version, _) in &told.versions {
        assert!(known.contains(&version.as_str()), "{at}: version {version} is not in the log");
    }
    if let Some((version, line)) = told.versions.last() {
        let id = format!("at{writer}-{crash}");
        let clone = json!({ "source_id": workspace, "at": version, "id": id });
        client.call(Method::POST, "/v1/workspaces/clone", clone).await.expect(&at);
        assert_eq!(lines_of(client, &id, writer, &at).await, *line, "{at}: version {version}");
        client.call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await.expect(&at);
    }
    for (id, line) in &told.clones {
        assert_eq!(lines_of(client, id, writer, &at).await, *line, "{at}: clone {id}");
    }
    let all = client.call(Method::GET, "/v1/workspaces", json!({})).await.expect(&at).to_string();
    for id in &told.deleted {
        assert!(!all.contains(&format!("\"{id}\"")), "{at}: {id} was deleted and is back");
    }
    let sessions =
        client.call(Method::GET, &format!("/v1/workspaces/{workspace}/sessions"), json!({})).await.expect(&at);
    for session in &told.sessions {
        assert!(sessions.to_string().contains(session), "{at}: session {session} is gone");
    }
    for job in told.jobs.iter().rev().take(5) {
        let job = client.call(Method::GET, &format!("/v1/jobs/{job}"), json!({})).await.expect(&at);
        assert!(matches!(job["status"].as_str(), Some("done" | "failed")), "{at}: {job}");
    }
    line
}

async fn lines_of(client: &Client, workspace: &str, writer: usize, at: &str) -> u64 {
    let text = client.sh(workspace, "cat /data/a 2>/dev/null || true").await.expect(at);
    if text.is_empty() { 0 } else { whole_lines(&text, writer, at) }
}

/// Checks that the lines are 1, 2, 3, … and gives the last one's number.
fn whole_lines(text: &str, writer: usize, at: &str) -> u64 {
    let mut last = 0;
    for line in text.lines() {
        last += 1;
        assert_eq!(line, format!("line {last} of {writer}"), "{at}");
    }
    last
}

fn fsck(repositories: &Path, crash: u64) {
    for entry in std::fs::read_dir(repositories).expect("the directory of repositories") {
        let path = entry.expect("an entry").path();
        if !path.join("HEAD").exists() {
            continue;
        }
        let output =
            Command::new("git").arg("-C").arg(&path).args(["fsck", "--full", "--strict", "--no-dangling"]).output();
        let output = output.expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "after kill {crash}: git fsck of {}: {said}", path.display());
    }
}
