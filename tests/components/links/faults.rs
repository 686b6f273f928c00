//! What a link can do to a download, an upload and many small jobs that are under way at the same time: all of it arrives,
//! byte for byte, and every job ends once.

use super::archive::Archive;
use super::link::Link;
use super::rig::Rig;
use super::tally;
use super::verdict::judge;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How many small jobs.
pub const JOBS: usize = 500;
/// How long a transfer takes without a fault when nothing else is said: faults come in its middle.
const USUAL: Duration = Duration::from_secs(10);
/// After this part of an archive has gone over the wire, in either direction, faults begin.
const BEGUN: f64 = 0.15;
/// Where the download goes.
pub const GOT: &str = "got.tar";
/// The longest that one scenario may take; it is an end for one that never would.
const LIMIT: Duration = Duration::from_secs(420);

#[test]
fn the_link_is_cut_for_a_second() {
    scenario("cut-1", USUAL, |link, _| cut(link, 1));
}

#[test]
fn the_link_is_cut_for_ten_seconds() {
    scenario("cut-10", USUAL, |link, _| cut(link, 10));
}

/// Half as long as a lease.
#[test]
fn the_link_is_cut_for_a_minute() {
    scenario("cut-60", USUAL, |link, _| cut(link, 60));
}

#[test]
fn packets_vanish_for_twenty_seconds() {
    scenario("blackhole-20", USUAL, |link, _| {
        link.blackhole();
        sleep(Duration::from_secs(20));
        link.unblackhole();
    });
}

#[test]
fn connections_are_reset_every_three_seconds() {
    scenario("reset-3", USUAL, |link, under_way| {
        while under_way.load(Ordering::Relaxed) {
            link.reset();
            sleep(Duration::from_secs(3));
        }
    });
}

#[test]
fn the_link_carries_a_megabyte_per_second() {
    let takes = Duration::from_secs_f64(Archive::shared().size as f64 / 1e6);
    scenario("rate-1MB", takes, |_, _| {});
}

fn cut(link: &Link, seconds: u64) {
    link.cut();
    sleep(Duration::from_secs(seconds));
    link.restore();
}

/// All three at once, and a fault once they are under way.
fn scenario(name: &'static str, takes: Duration, fault: impl FnOnce(&Link, &AtomicBool) + Send) {
    let archive = Archive::shared();
    let rig = Rig::start(name, &[]);
    let beside = rig.beside_node();
    let wanted = rig.at_node(async |rig| {
        beside.upload("big", archive).await.expect("uploaded at the node");
        tally::prepare(rig).await;
        beside.download("big", &rig.env.path("wanted.tar")).await.expect("downloaded at the node")
    });
    rig.link.rate((archive.size as f64 / takes.as_secs_f64()) as u64);

    let ends = all_at_once(name, &rig, takes, fault);
    let wrong = judge(name, &rig, &wanted, ends);
    assert!(wrong.is_empty(), "{name}: {} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// How the three ended for those who waited.
pub struct Ends {
    /// The archive's SHA-256.
    pub downloaded: Result<String, String>,
    pub uploaded: Result<(), String>,
    pub jobs: Result<Vec<Value>, String>,
}

fn all_at_once(name: &str, rig: &Rig, takes: Duration, fault: impl FnOnce(&Link, &AtomicBool) + Send) -> Ends {
    let (archive, caller) = (Archive::shared(), rig.beside_gateway());
    let under_way = AtomicBool::new(true);
    let begun = Instant::now();
    let timed = |what: &str| println!("{name}: {what} after {:.1} s", begun.elapsed().as_secs_f64());
    // So that jobs are under way for as long as the transfers would take without a fault.
    let pace = takes / JOBS as u32;
    std::thread::scope(|scope| {
        let downloading = scope.spawn(|| {
            let got = rig.at_gateway(async |_| within_limit(caller.download("big", &rig.env.path(GOT))).await?);
            timed("the download ended");
            got
        });
        let uploading = scope.spawn(|| {
            let uploaded = rig.at_gateway(async |_| within_limit(caller.upload("up", archive)).await?);
            timed("the upload ended");
            uploaded
        });
        let working = scope.spawn(|| {
            let ended = rig.at_gateway(async |rig| within_limit(tally::submit_and_wait(rig, JOBS, pace)).await);
            timed("the jobs ended");
            ended
        });
        let faulty = scope.spawn(|| {
            await_begun(&rig.link, (archive.size as f64 * BEGUN) as u64, &under_way);
            timed("the fault comes");
            fault(&rig.link, &under_way);
            timed("the fault is over");
        });
        let ends = (downloading.join(), uploading.join(), working.join());
        under_way.store(false, Ordering::Relaxed);
        faulty.join().expect("the fault happened");
        Ends {
            downloaded: ends.0.expect("no panic"),
            uploaded: ends.1.expect("no panic"),
            jobs: ends.2.expect("no panic"),
        }
    })
}

async fn within_limit<T>(what: impl Future<Output = T>) -> Result<T, String> {
    tokio::time::timeout(LIMIT, what).await.map_err(|_| format!("not done after {LIMIT:?}"))
}

/// Waits until so many bytes went one way, or everything is done already.
fn await_begun(link: &Link, bytes: u64, under_way: &AtomicBool) {
    let begun = Instant::now();
    while under_way.load(Ordering::Relaxed) && begun.elapsed() < LIMIT {
        let (to_node, from_node) = link.carried();
        if to_node.max(from_node) >= bytes {
            return;
        }
        sleep(Duration::from_millis(50));
    }
}
