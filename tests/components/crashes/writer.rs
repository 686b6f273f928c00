//! What loads the daemon: writers that note what they are told, and a reader of snapshots.

use crate::daemon::{Client, Gone, answer};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// What one writer was told is done.
#[derive(Default, Clone)]
pub struct Acknowledged {
    /// The number of the last script: what its files say.
    pub line: u64,
    /// What the files may say instead, because a checkout was asked for and not answered.
    pub or_line: Option<u64>,
    /// Version id and the line that it holds.
    pub versions: Vec<(String, u64)>,
    /// Clones that exist, with the line that they hold.
    pub clones: BTreeMap<String, u64>,
    /// Clones that were deleted since the last look.
    pub deleted: Vec<String>,
    pub sessions: Vec<String>,
    /// Sessions that were ended.
    pub ended: Vec<String>,
    pub jobs: Vec<String>,
    /// Archives on the host, with the line that they hold.
    pub archives: BTreeMap<String, u64>,
    pub count: Count,
}

/// How much of everything.
#[derive(Default, Clone)]
pub struct Count {
    pub executes: u64,
    pub commits: u64,
    pub checkouts: u64,
    pub clones: u64,
    pub loads: u64,
    pub deletes: u64,
    pub sessions: u64,
    pub jobs: u64,
    pub archives: u64,
}

/// A writer's workspace.
pub fn workspace(writer: usize) -> String {
    format!("w{writer}")
}

/// What script `line` leaves in `big`: a digit and how often.
pub fn big(line: u64) -> (u64, u64) {
    (line % 10, line * 7919 % 120_000 + 1)
}

/// Works until the daemon is gone.
pub async fn run(client: Client, writer: usize, told: Arc<Mutex<Acknowledged>>, seed: u64, stop: CancellationToken) {
    let mut writer = Writer { client, writer, told, random: StdRng::seed_from_u64(seed) };
    while !stop.is_cancelled() {
        if writer.step().await.is_err() {
            return;
        }
    }
}

/// Reads whole snapshots; what it is not told the end of does not count.
pub async fn read_snapshots(client: Client, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let Ok(bytes) = answer(client.request(Method::GET, "/v1/workspaces/w0/snapshot"), "snapshot").await else {
            return;
        };
        whole(&bytes);
    }
}

/// Reads a tar to its end.
pub fn whole(bytes: &[u8]) {
    for entry in tar::Archive::new(bytes).entries().expect("a tar") {
        std::io::copy(&mut entry.expect("a whole archive"), &mut std::io::sink()).expect("a whole member");
    }
}

struct Writer {
    client: Client,
    writer: usize,
    told: Arc<Mutex<Acknowledged>>,
    random: StdRng,
}

impl Writer {
    async fn step(&mut self) -> Result<(), Gone> {
        match self.random.random_range(0..100) {
            0..50 => self.execute().await,
            50..63 => self.commit().await,
            63..66 => self.checkout().await,
            66..75 => self.clone().await,
            75..79 => self.load().await,
            79..89 => self.delete().await,
            89..92 => self.session().await,
            92..94 => self.end_session().await,
            94..97 => self.archive().await,
            _ => self.background().await,
        }
    }

    fn told<T>(&self, note: impl FnOnce(&mut Acknowledged) -> T) -> T {
        note(&mut self.told.lock().unwrap())
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/workspaces/{}{rest}", workspace(self.writer))
    }

    /// An id that says what its workspace holds.
    fn fresh(&mut self, line: u64) -> String {
        format!("c{}-{line}-{}", self.writer, self.random.random_range(0..1_000_000_000))
    }

    /// Several files, small and large: all of a script or nothing of it.
    async fn execute(&self) -> Result<(), Gone> {
        let next = self.told(|told| told.line + 1);
        let (writer, (digit, size)) = (self.writer, big(next));
        let script = format!(
            "for n in a b; do echo 'line {next} of {writer}' >> /data/$n; done; \
             head -c {size} /dev/zero | tr '\\0' '{digit}' > /data/big; \
             mkdir -p /data/d{0} && echo {next} > /data/d{0}/last; rm -f /data/odd; \
             [ {1} = 0 ] || ln -s {next} /data/odd",
            next % 7,
            next % 2
        );
        self.client.try_sh(&workspace(writer), &script).await?;
        self.told(|told| (told.line, told.count.executes) = (next, told.count.executes + 1));
        Ok(())
    }

    async fn commit(&self) -> Result<(), Gone> {
        let line = self.told(|told| told.line);
        let body = json!({ "message": format!("line {line}") });
        let answer = self.client.try_call(Method::POST, &self.path("/commit"), body).await?;
        let version = answer["version"].as_str().expect("a version").to_owned();
        self.told(|told| {
            told.versions.push((version, line));
            told.count.commits += 1;
        });
        Ok(())
    }

    async fn checkout(&mut self) -> Result<(), Gone> {
        let versions = self.told(|told| told.versions.clone());
        let Some((version, line)) = versions.iter().rev().nth(self.random.random_range(0..3)) else { return Ok(()) };
        self.told(|told| told.or_line = Some(*line));
        self.client.try_call(Method::POST, &self.path("/checkout"), json!({ "ref": version })).await?;
        self.told(|told| {
            (told.line, told.or_line) = (*line, None);
            // A version has the sessions of its time.
            (told.sessions, told.ended) = Default::default();
            told.count.checkouts += 1;
        });
        Ok(())
    }

    async fn clone(&mut self) -> Result<(), Gone> {
        let line = self.told(|told| told.line);
        let id = self.fresh(line);
        self.client.try_call(Method::POST, &self.path("/clone"), json!({ "id": id })).await?;
        self.told(|told| {
            told.clones.insert(id, line);
            told.count.clones += 1;
        });
        Ok(())
    }

    /// A snapshot, and a workspace of it.
    async fn load(&mut self) -> Result<(), Gone> {
        let line = self.told(|told| told.line);
        let id = self.fresh(line);
        let tar = answer(self.client.request(Method::GET, &self.path("/snapshot")), "snapshot").await?;
        let load = self.client.request(Method::POST, &format!("/v1/workspaces/load?id={id}"));
        answer(load.header("content-type", "application/x-tar").body(tar), "load").await?;
        self.told(|told| {
            told.clones.insert(id, line);
            told.count.loads += 1;
        });
        Ok(())
    }

    async fn delete(&self) -> Result<(), Gone> {
        // From here on it may be gone, told or not.
        let Some((id, _)) = self.told(|told| told.clones.pop_first()) else { return Ok(()) };
        self.client.try_call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await?;
        self.told(|told| {
            told.deleted.push(id);
            told.count.deletes += 1;
        });
        Ok(())
    }

    async fn session(&self) -> Result<(), Gone> {
        let answer = self.client.try_call(Method::POST, &self.path("/sessions"), json!({})).await?;
        let id = answer["session_id"].as_str().expect("an id").to_owned();
        self.told(|told| {
            told.sessions.push(id);
            told.count.sessions += 1;
        });
        Ok(())
    }

    async fn end_session(&self) -> Result<(), Gone> {
        let Some(id) = self.told(|told| told.sessions.pop()) else { return Ok(()) };
        self.client.try_call(Method::DELETE, &self.path(&format!("/sessions/{id}")), json!({})).await?;
        self.told(|told| told.ended.push(id));
        Ok(())
    }

    /// A snapshot to a file of the host.
    async fn archive(&mut self) -> Result<(), Gone> {
        let line = self.told(|told| told.line);
        let name = format!("{}-{}.tar", self.writer, self.random.random_range(0..4));
        // Until there is an answer it may hold the one or the other.
        self.told(|told| told.archives.remove(&name));
        self.client.try_call(Method::POST, &self.path("/snapshot"), json!({ "path": name })).await?;
        self.told(|told| {
            told.archives.insert(name, line);
            told.count.archives += 1;
        });
        Ok(())
    }

    async fn background(&self) -> Result<(), Gone> {
        let body = json!({ "command": "echo in the background" });
        let answer = self.client.try_call(Method::POST, &self.path("/execute?background=true"), body).await?;
        let id = answer["job_id"].as_str().expect("an id").to_owned();
        self.told(|told| {
            told.jobs.push(id);
            told.count.jobs += 1;
        });
        Ok(())
    }
}
