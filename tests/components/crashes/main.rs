//! kill -9 of the daemon at random moments under a mixed load: what was acknowledged is there after each restart, byte for
//! byte, and nothing half done is visible; `git fsck` finds nothing, and what nobody refers to any more is gone from the
//! disk.
//!
//! Needs git. `CRASHES` says how often (200), `SEED` repeats what the writers choose.

mod check;
mod daemon;
mod disk;
mod writer;

#[path = "../../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this target uses a part of it")]
mod support;

use daemon::Daemon;
use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::TestEnv;
use tokio_util::sync::CancellationToken;
use writer::Acknowledged;

/// Writers at the same time, each in a workspace of its own.
const WRITERS: usize = 4;
/// Kills between two looks at what only grows slowly.
const SLOWLY: u64 = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
    let (crashes, seed) = (number("CRASHES", 200), number("SEED", rand::random::<u32>().into()));
    println!("SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let env = TestEnv::new();
    std::fs::create_dir(env.path("archives")).expect("a directory");
    let told: Vec<_> = (0..WRITERS).map(|_| Arc::new(Mutex::new(Acknowledged::default()))).collect();
    let mut daemon = Daemon::start(&env);
    for writer in 0..WRITERS {
        let config = json!({ "mounts": { "/data": { "resource": "ram" } } });
        let client = daemon.client();
        client.call(Method::POST, "/v1/workspaces", json!({ "id": writer::workspace(writer), "config": config })).await;
    }
    for crash in 0..crashes {
        let stop = CancellationToken::new();
        let writers = told.iter().enumerate().map(|(writer, told)| {
            tokio::spawn(writer::run(daemon.client(), writer, told.clone(), random.random(), stop.clone()))
        });
        let writers: Vec<_> = writers.collect();
        let reader = tokio::spawn(writer::read_snapshots(daemon.client(), stop.clone()));
        if crash % SLOWLY == SLOWLY / 2 {
            // What the documentation allows at any time.
            disk::git_gc(&env.path("box/repos"), &writer::workspace(random.random_range(0..WRITERS)));
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(10..400))).await;
        daemon.process.kill();
        stop.cancel();
        for task in writers.into_iter().chain([reader]) {
            task.await.expect("a writer");
        }
        if random.random_bool(0.2) {
            // Killed again before it is there.
            Daemon::start_and_kill(&env, Duration::from_millis(random.random_range(0..200)));
        }
        daemon = Daemon::start(&env);
        println!("kill {crash}: back after {:?}", daemon.took);
        let slowly = crash % SLOWLY == SLOWLY - 1 || crash + 1 == crashes;
        let client = daemon.client();
        let checks = told.iter().enumerate().map(|(writer, told)| {
            let (client, how) = (&client, check::How { crash, all: slowly, seed: random.random() });
            async move { check::run(client, writer, told, &how).await }
        });
        join_all(checks).await;
        disk::fsck(&env.path("box/repos"), crash);
        disk::nothing_unfinished(&env.path("box"), crash);
        if slowly {
            everything_else_is_gone(&daemon, &env.path("box/workspaces/blobs"), crash).await;
        }
    }
    report(&told, crashes);
    leaves_nothing(&env, daemon).await;
}

/// Blobs stay as long as a workspace has them, and not much longer.
async fn everything_else_is_gone(daemon: &Daemon, blobs: &Path, crash: u64) {
    let listed = daemon.client().call(Method::GET, "/v1/workspaces", json!({})).await;
    let workspaces = listed.as_array().expect("a list").len();
    // Two contents that may be large each; `a` and `b` are the same.
    disk::wait_for_blobs(blobs, 2 * workspaces, &format!("after kill {crash}")).await;
}

fn report(told: &[Arc<Mutex<Acknowledged>>], crashes: u64) {
    let all: Vec<Acknowledged> = told.iter().map(|told| told.lock().unwrap().clone()).collect();
    let sum = |of: fn(&Acknowledged) -> u64| all.iter().map(of).sum::<u64>();
    println!(
        "{crashes} kills; acknowledged: {} executes, {} commits, {} checkouts, {} clones, {} loads, {} deletes, {} sessions, \
         {} jobs, {} archives",
        sum(|told| told.count.executes),
        sum(|told| told.count.commits),
        sum(|told| told.count.checkouts),
        sum(|told| told.count.clones),
        sum(|told| told.count.loads),
        sum(|told| told.count.deletes),
        sum(|told| told.count.sessions),
        sum(|told| told.count.jobs),
        sum(|told| told.count.archives),
    );
    assert!(all.iter().all(|told| told.count.executes > 0), "a writer got nothing done");
}

/// Once every workspace is deleted, their files are too.
async fn leaves_nothing(env: &TestEnv, daemon: Daemon) {
    let client = daemon.client();
    let listed = client.call(Method::GET, "/v1/workspaces", json!({})).await;
    for workspace in listed.as_array().expect("a list") {
        let id = workspace["id"].as_str().expect("an id");
        client.call(Method::DELETE, &format!("/v1/workspaces/{id}"), json!({})).await;
    }
    disk::wait_for_blobs(&env.path("box/workspaces/blobs"), 0, "with no workspace left").await;
}
