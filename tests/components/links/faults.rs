//! What a link can do to a download, an upload and many small jobs that are under way at the same time: all of it arrives,
//! byte for byte, and every job ends once.

use super::archive::{Archive, contents, difference};
use super::link::Link;
use super::rig::{Rig, SLOTS};
use super::tally;
use super::transfers::{download, upload};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const JOBS: usize = 500;
/// How long a transfer takes without a fault when nothing else is said: faults come in its middle.
const USUAL: Duration = Duration::from_secs(10);
/// After this part of an archive has gone over the wire, in either direction, faults begin.
const BEGUN: f64 = 0.15;
/// The longest that one scenario may take; it is an end for one that never would.
const LIMIT: Duration = Duration::from_secs(420);

#[test]
fn the_link_is_cut_for_a_second() {
    scenario("cut for 1 s", USUAL, 0, |link, _| cut(link, 1));
}

#[test]
fn the_link_is_cut_for_ten_seconds() {
    scenario("cut for 10 s", USUAL, 0, |link, _| cut(link, 10));
}

/// Longer than a lease: what ran when it ended may be given up, which its caller is told, but nothing runs twice.
#[test]
fn the_link_is_cut_for_a_minute() {
    scenario("cut for 60 s", USUAL, SLOTS, |link, _| cut(link, 60));
}

#[test]
fn packets_vanish_for_twenty_seconds() {
    scenario("blackholed for 20 s", USUAL, 0, |link, _| {
        link.blackhole();
        sleep(Duration::from_secs(20));
        link.unblackhole();
    });
}

#[test]
fn connections_are_reset_every_three_seconds() {
    scenario("reset every 3 s", USUAL, 0, |link, under_way| {
        while under_way.load(Ordering::Relaxed) {
            link.reset();
            sleep(Duration::from_secs(3));
        }
    });
}

#[test]
fn the_link_carries_a_megabyte_per_second() {
    let takes = Duration::from_secs_f64(Archive::shared().size as f64 / 1e6);
    scenario("1 MB/s", takes, 0, |_, _| {});
}

fn cut(link: &Link, seconds: u64) {
    link.cut();
    sleep(Duration::from_secs(seconds));
    link.restore();
}

/// All three at once, and a fault once they are under way. Up to `lost` jobs may be given up.
fn scenario(name: &str, takes: Duration, lost: usize, fault: impl FnOnce(&Link, &AtomicBool)) {
    let archive = Archive::shared();
    let rig = Rig::start(&[]);
    let (local, token) = (rig.node.api_url.clone(), rig.node.api_token(&rig.env));
    let file = |name: &str| rig.env.path(name);
    rig.at_node(async |rig| {
        upload(&local, &token, "big", archive).await;
        tally::prepare(rig).await;
    });
    let wanted = rig.at_node(async |_| download(&local, &token, "big", &file("wanted.tar")).await);
    rig.link.rate((archive.size as f64 / takes.as_secs_f64()) as u64);

    let (door, call) = (rig.door(), rig.gateway.call.clone());
    let under_way = AtomicBool::new(true);
    let begun = Instant::now();
    let timed = |what: &str| println!("{name}: {what} after {:.1} s", begun.elapsed().as_secs_f64());
    // So that jobs are under way for as long as the transfers would take without a fault.
    let pace = takes / JOBS as u32;
    let (got, ended) = std::thread::scope(|scope| {
        let downloading = scope.spawn(|| {
            let got = rig.at_gateway(async |_| within_limit(download(&door, &call, "big", &file("got.tar"))).await);
            timed("downloaded");
            got
        });
        let uploading = scope.spawn(|| {
            rig.at_gateway(async |_| within_limit(upload(&door, &call, "up", archive)).await);
            timed("uploaded");
        });
        let working = scope.spawn(|| {
            let ended = rig.at_gateway(async |rig| within_limit(tally::submit_and_wait(rig, JOBS, pace)).await);
            timed("jobs ended");
            ended
        });
        let all = scope.spawn(|| {
            // Whatever became of them: the fault must come to its end too.
            let results = (downloading.join(), uploading.join(), working.join());
            under_way.store(false, Ordering::Relaxed);
            results
        });
        await_begun(&rig.link, (archive.size as f64 * BEGUN) as u64, &under_way);
        timed("the fault comes");
        fault(&rig.link, &under_way);
        timed("the fault is over");
        let (got, uploaded, ended) = all.join().expect("joined");
        let failed = |panic| -> ! { std::panic::resume_unwind(panic) };
        uploaded.unwrap_or_else(|panic| failed(panic));
        (got.unwrap_or_else(|panic| failed(panic)), ended.unwrap_or_else(|panic| failed(panic)))
    });

    assert_eq!(got, wanted, "{name}: the download differs from the node's own snapshot");
    let of = |file: &Path| difference(&contents(file), &archive.contents);
    assert_eq!(of(&file("got.tar")), None, "{name}: the downloaded files");
    rig.at_node(async |_| download(&local, &token, "up", &file("up.tar")).await);
    assert_eq!(of(&file("up.tar")), None, "{name}: the uploaded files");
    let marks = rig.at_node(async |rig| tally::marks(rig).await);
    let others = rig.at_gateway(async |rig| tally::check(rig, &ended, &marks).await);
    println!("{name}: {} of {JOBS} jobs succeeded, others: {others:?}", JOBS - others.values().sum::<usize>());
    check_others(name, &others, lost);
}

fn check_others(name: &str, others: &BTreeMap<String, usize>, lost: usize) {
    let given_up: usize = others.iter().filter(|(state, _)| state.starts_with("lost")).map(|(_, count)| count).sum();
    let all: usize = others.values().sum();
    assert_eq!(all, given_up, "{name}: jobs ended neither as succeeded nor as lost: {others:?}");
    assert!(given_up <= lost, "{name}: {given_up} jobs were given up, at most {lost} may be: {others:?}");
}

async fn within_limit<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, what).await.unwrap_or_else(|_| panic!("not done after {LIMIT:?}"))
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
