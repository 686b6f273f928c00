//! Holds what is there after a restart against what a writer was told.

use crate::daemon::Client;
use crate::writer::{Acknowledged, big, workspace};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Mutex;

/// How closely to look.
pub struct How {
    /// The kill before.
    pub crash: u64,
    /// At everything; else at a part of what does not change any more.
    pub all: bool,
    /// Which part.
    pub seed: u64,
}

/// Looks at what one writer was told. What is there beyond that, it goes on from.
pub async fn run(client: &Client, writer: usize, told: &Mutex<Acknowledged>, how: &How) {
    let at = format!("after kill {}, writer {writer}", how.crash);
    let mut now = told.lock().unwrap().clone();
    let mut random = StdRng::seed_from_u64(how.seed);
    now.line = own_files(client, writer, &now, &at).await;
    versions(client, writer, &now, how, &mut random).await;
    clones(client, writer, &mut now, how, &mut random).await;
    sessions(client, writer, &mut now, &at).await;
    jobs(client, &mut now, &at).await;
    if how.all {
        archives(client, writer, &now, &at).await;
    }
    now.or_line = None;
    *told.lock().unwrap() = now;
}

/// The workspace is as after the last script, or the one that was not answered, or the checkout that was not.
async fn own_files(client: &Client, writer: usize, told: &Acknowledged, at: &str) -> u64 {
    let line = holds(client, &workspace(writer), writer, at).await;
    let expected = line == told.line || line == told.line + 1 || Some(line) == told.or_line;
    assert!(expected, "{at}: {} lines were acknowledged, {line} are there", told.line);
    line
}

/// The line that a workspace holds, after a look at every byte of it.
async fn holds(client: &Client, id: &str, writer: usize, at: &str) -> u64 {
    let at = format!("{at}, workspace {id}");
    let script = "cd /data; cat a; echo ---; cat b; echo ---; cat big; echo; echo ---; readlink odd; echo ---; \
                  for n in 0 1 2 3 4 5 6; do cat d$n/last; done; true";
    let found = client.sh(id, script).await;
    let parts: Vec<&str> = found.split("---\n").collect();
    let mut line = 0;
    for text in parts[0].lines() {
        line += 1;
        assert_eq!(text, format!("line {line} of {writer}"), "{at}");
    }
    assert!(parts[0] == parts[1], "{at}: half a script is visible: a has {line} lines, b {}", parts[1].lines().count());
    if line > 0 {
        let (digit, size) = big(line);
        assert!(parts[2].trim_end() == digit.to_string().repeat(size as usize), "{at}: big is not that of line {line}");
        let odd = if line % 2 == 0 { String::new() } else { format!("{line}\n") };
        assert_eq!(parts[3], odd, "{at}: half a script is visible");
        // The newest line of each remainder.
        let last: String = (0..7)
            .filter_map(|n| (line.saturating_sub(6)..=line).find(|line| *line > 0 && line % 7 == n))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(parts[4], last, "{at}: half a script is visible");
    }
    line
}

async fn versions(client: &Client, writer: usize, told: &Acknowledged, how: &How, random: &mut StdRng) {
    let at = format!("after kill {}, writer {writer}", how.crash);
    let path = format!("/v1/workspaces/{}/versions?limit=100000", workspace(writer));
    let log = client.call(Method::GET, &path, json!({})).await;
    let known: Vec<&str> = log.as_array().expect("a list").iter().filter_map(|entry| entry["id"].as_str()).collect();
    for (version, _) in &told.versions {
        assert!(known.contains(&version.as_str()), "{at}: version {version} is not in the log");
    }
    for (version, line) in told.versions.last().into_iter().chain(told.versions.choose(random)) {
        let id = format!("at{writer}-{}-{}", how.crash, random.random_range(0..1_000_000_000));
        let clone = json!({ "source_id": workspace(writer), "at": version, "id": id });
        client.call(Method::POST, "/v1/workspaces/clone", clone).await;
        assert_eq!(holds(client, &id, writer, &at).await, *line, "{at}: version {version}");
        client.call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await;
    }
}

/// Every clone that is there is whole, acknowledged or not.
async fn clones(client: &Client, writer: usize, told: &mut Acknowledged, how: &How, random: &mut StdRng) {
    let at = format!("after kill {}, writer {writer}", how.crash);
    let list = client.call(Method::GET, "/v1/workspaces", json!({})).await;
    let there: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|one| one["id"].as_str()).collect();
    for id in told.clones.keys() {
        assert!(there.contains(&id.as_str()), "{at}: clone {id} is gone");
    }
    for id in told.deleted.drain(..) {
        assert!(!there.contains(&id.as_str()), "{at}: {id} was deleted and is back");
    }
    for id in there {
        let Some(rest) = id.strip_prefix(&format!("c{writer}-")) else { continue };
        let line: u64 = rest.split('-').next().expect("a line").parse().expect("a number");
        let is_new = told.clones.insert(id.to_owned(), line).is_none();
        if is_new || how.all || random.random_bool(0.2) {
            assert_eq!(holds(client, id, writer, &at).await, line, "{at}: clone {id}");
        }
    }
}

async fn sessions(client: &Client, writer: usize, told: &mut Acknowledged, at: &str) {
    let path = format!("/v1/workspaces/{}/sessions", workspace(writer));
    let sessions = client.call(Method::GET, &path, json!({})).await.to_string();
    let there = |id: &String| sessions.contains(&format!("\"{id}\""));
    if told.or_line.is_some() {
        // A checkout that was not answered may have brought those of its version.
        told.sessions.retain(there);
        told.ended.clear();
    }
    for id in &told.sessions {
        assert!(there(id), "{at}: session {id} is gone");
    }
    for id in &told.ended {
        assert!(!there(id), "{at}: session {id} was ended and is back");
    }
}

/// Of the last kill's jobs: they ran to their end or are lost, and say so.
async fn jobs(client: &Client, told: &mut Acknowledged, at: &str) {
    for id in told.jobs.drain(..) {
        let job: Value = client.call(Method::GET, &format!("/v1/jobs/{id}"), json!({})).await;
        match job["status"].as_str() {
            Some("done") => assert_eq!(job["result"]["stdout"], "in the background\n", "{at}: {job}"),
            Some("failed") => assert!(job.to_string().contains("lost"), "{at}: {job}"),
            _ => panic!("{at}: {job}"),
        }
    }
}

async fn archives(client: &Client, writer: usize, told: &Acknowledged, at: &str) {
    for (name, line) in &told.archives {
        let loaded = client.call(Method::POST, "/v1/workspaces/load", json!({ "path": name })).await;
        let id = loaded["id"].as_str().expect("an id");
        assert_eq!(holds(client, id, writer, at).await, *line, "{at}: archive {name}");
        client.call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await;
    }
}
