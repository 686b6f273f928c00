//! The filesystem that a bucket is, held to what all do alike.

use crate::server::{Moto, S3Server, filesystem};
use serde_json::{Value, json};
use std::sync::{Arc, Barrier};
use waypost::workspace::mount::{Filesystem, Kind};

#[path = "../../../src/workspace/mount/conformance.rs"]
mod suite;

fn conforms_however_it_is_cached(block: &Value) {
    for read in ["fresh", "bounded", "pinned"] {
        let mut block = block.clone();
        block["read"] = json!(read);
        block["config"]["key_prefix"] = json!(format!("of/{read}"));
        suite::conforms(&*filesystem(&block, 1000), suite::Keeps { modes: false, times: false, links: false });
    }
}

#[test]
fn a_bucket_of_a_server_without_empty_directories_conforms() {
    let server = S3Server::start();
    conforms_however_it_is_cached(&server.block());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_a_server_with_all_of_s3_conforms() {
    let server = Moto::start().await;
    let block = server.block();
    tokio::task::spawn_blocking(move || conforms_however_it_is_cached(&block)).await.unwrap();
    // Empty directories are in the bucket itself.
    let block = server.block();
    let made = tokio::task::spawn_blocking(move || {
        filesystem(&block, 1000).make_dir("d").unwrap();
        filesystem(&block, 1000).stat("d").unwrap().kind
    });
    assert_eq!(made.await.unwrap(), Kind::Directory);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_from_two_mounts_are_all_there_where_the_server_obeys_conditions() {
    let server = Moto::start().await;
    let begin = Arc::new(Barrier::new(2));
    let appending = |name: &'static str| {
        let (bucket, begin) = (filesystem(&server.block(), 10_000), begin.clone());
        tokio::task::spawn_blocking(move || {
            begin.wait();
            let mut added = Vec::new();
            for round in 0..10 {
                let line = format!("{name}-{round}\n");
                // One that others overtake too often says so, and has added nothing.
                match bucket.append("log", line.as_bytes()) {
                    Ok(()) => added.push(line),
                    Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ResourceBusy, "{error}"),
                }
            }
            added
        })
    };
    let (one, two) = (appending("one"), appending("two"));
    let mut added = one.await.unwrap();
    added.extend(two.await.unwrap());
    assert!(added.len() >= 10, "{added:?}");
    let bucket = filesystem(&server.block(), 10_000);
    let log = tokio::task::spawn_blocking(move || bucket.read("log").unwrap()).await.unwrap();
    let mut lines: Vec<_> = std::str::from_utf8(&log).unwrap().split_inclusive('\n').map(str::to_owned).collect();
    lines.sort();
    added.sort();
    assert_eq!(lines, added);
}
